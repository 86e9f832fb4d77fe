"""Who acts: the one value that services, life cycles and journal take as `actor`."""

import dataclasses
from uuid import UUID

from credit_platform.tenancy.context import Context, Kind, NoContext


@dataclasses.dataclass(frozen=True)
class Actor:
    """Somebody, in one membership, in one request or job.

    `kind` is None for people without tenant data (the platform operator). `occupations` are the codes of the
    groups whose archives the actor may fill in or review at this agency (django-guardian on Responsibility).
    `purpose`: why an officer looks at a person's record; every look of this request is journalled with it.
    """

    jurisdiction_id: int
    kind: Kind | None
    name: str
    role: str
    unit_name: str = ""
    user_id: int | None = None
    membership_id: int | None = None
    agency_id: int | None = None
    employer_id: int | None = None
    person_id: UUID | None = None
    occupations: frozenset[str] = frozenset()
    address: str = ""
    session: str = ""
    purpose: str = ""

    @property
    def own_agency(self) -> int:
        """The agency's id. Raises `NoContext` for an actor that belongs to none."""
        if self.agency_id is None:
            raise NoContext(f"{self.role} belongs to no agency")
        return self.agency_id

    @property
    def own_employer(self) -> int:
        """The employer's id. Raises `NoContext` for an actor that belongs to none."""
        if self.employer_id is None:
            raise NoContext(f"{self.role} belongs to no employer")
        return self.employer_id

    @property
    def context(self) -> Context | None:
        """The tenancy context to act in, or None."""
        if self.kind is None:
            return None
        return Context(self.jurisdiction_id, self.kind, self.agency_id, self.employer_id, self.person_id)


def job(jurisdiction_id: int, name: str) -> Actor:
    """Return the actor of background work for one county. `name` is shown in the journal."""
    return Actor(jurisdiction_id=jurisdiction_id, kind="job", name=name, role="job", unit_name="系统")
