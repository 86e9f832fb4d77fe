"""What a municipal platform gets of a sealed version: push names and values, nothing that has no push name."""

from __future__ import annotations

import dataclasses
from typing import Any

from archives.models import Version
from archives.occupations import Occupations
from archives.schema.parts import STANDING
from archives.services.versions import version_content


@dataclasses.dataclass(frozen=True)
class Payload:
    """The payload of one version and the printed name of its group.

    `part` says which part of a record with several writers it is (GZ-A02): whether its writer leads, and its sections.
    """

    occupation_label: str
    payload: dict[str, Any]
    part: dict[str, Any] | None = None


def version_payload(*, version: Version, occupations: Occupations) -> Payload:
    """Return the payload of a sealed version, after checking its digest. Raises `crypto.Undecipherable`."""
    head = version.head
    occupation = occupations[head.agency_id, head.occupation]
    record = occupation.load(version_content(version, occupation))
    part = None
    if occupation.whole is not None:
        part = {"lead": STANDING in occupation.sections, "sections": list(occupation.sections)}
    return Payload(occupation.label, dict(occupation.payload(record, year=head.year)), part)
