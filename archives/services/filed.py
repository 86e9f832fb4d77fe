"""What was filed: for each part the version valid when it was submitted, read from append-only rows, never copied."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agencies.models import Responsibility
from archives.models import Archive, Filing, RecordPart, Version, VersionBody
from archives.occupations import occupation_of
from archives.protection import canonical
from archives.schema.fields import STAGES
from archives.schema.occupations import Occupation
from archives.services.consent_rules import consent_withdrawn
from credit_platform import crypto

ADVERSE = ("warning", "serious_dishonesty")


@dataclasses.dataclass(frozen=True)
class Checklist:
    """What the office looks at before it files: form alone, never content (AY-31).

    `filed` people of `built` records; `open` records that had no version then; `missing` archives without a record of
    the year; `blank` filed versions with a box empty that has to be filled; `adverse` determinations, of which
    `proven` cite evidence; `unchanged`: the list still is what was submitted.
    """

    filed: int
    built: int
    open: int
    missing: int
    blank: int
    adverse: int
    proven: int
    unchanged: bool

    @property
    def complete(self) -> bool:
        """Nothing speaks against filing."""
        return (
            not (self.blank or self.open or self.missing) and self.adverse == self.proven and self.unchanged
        )


def parts_of_group(agency_id: int, occupation: str, year: int) -> QuerySet[RecordPart]:
    """Return the parts of one agency, group and year; the caller has checked that the actor may know them."""
    return RecordPart.objects.filter(agency_id=agency_id, occupation=occupation, year=year, recalled_at=None)


def filed_parts(filing: Filing) -> QuerySet[RecordPart]:
    """Return the parts on the list of a filing: those that had a version when it was submitted."""
    return _valid_parts(parts_of_group(filing.agency_id, filing.occupation, filing.year), filing.submitted_at)


def filed_versions(parts: Iterable[RecordPart], at: dt.datetime) -> dict[object, Version]:
    """Return the version valid at a moment of each of these parts, by part id, in one query."""
    versions = Version.objects.filter(
        part_id__in=[part.pk for part in parts], part__recalled_at=None, sealed_at__lte=at
    )
    return {version.part_id: version for version in versions.order_by("number")}


def list_digest(agency_id: int, occupation: str, year: int, at: dt.datetime) -> str:
    """Return the keyed digest over the list: every part with the number and digest of its valid version."""
    rows = _valid_versions(agency_id, occupation, year, at).values_list("part_id", "number", "digest")
    lines = sorted([str(part), number, digest] for part, number, digest in rows)
    return crypto.fingerprint(canonical({"year": year, "occupation": occupation, "list": lines}))


def missing_archives(filing: Filing) -> QuerySet[Archive]:
    """Return the archives of the group, opened by the end of the filed year and not left before, without a record.

    Who has withdrawn the consent is missed by nobody."""
    of_year = RecordPart.objects.filter(record__archive_id=OuterRef("id"), year=filing.year, recalled_at=None)
    here = Archive.objects.filter(agency_id=filing.agency_id, occupation=filing.occupation)
    there = here.filter(created_at__lte=filing.submitted_at, created_at__year__lte=filing.year)
    stayed = there.filter(Q(left_on=None) | Q(left_on__year__gte=filing.year))
    return stayed.filter(~Exists(of_year)).exclude(consent_withdrawn())


def checklist(filing: Filing) -> Checklist:
    """Return what a filing looks like as to its form."""
    at = filing.submitted_at
    group = (filing.agency_id, filing.occupation, filing.year)
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=filing.jurisdiction_id, agency_id=filing.agency_id, occupation=filing.occupation
    )
    occupation = occupation_of(responsibility)
    valid = _valid_versions(*group, at)
    bodies = VersionBody.objects.filter(version__in=valid)
    adverse = Q(content__standing__determination__in=ADVERSE)
    counts = bodies.aggregate(
        filed=Count("id"),
        blank=Count("id", filter=_blank(occupation, filing.year)),
        adverse=Count("id", filter=adverse),
        proven=Count("id", filter=adverse & Q(version__cites__has_key="evidence")),
    )
    built = parts_of_group(*group).filter(record__created_at__lte=at).count()
    return Checklist(
        built=built,
        open=built - counts["filed"],
        missing=missing_archives(filing).count(),
        unchanged=not filing.list_digest or filing.list_digest == list_digest(*group, at),
        **counts,
    )


def _blank(occupation: type[Occupation], year: int) -> Q:
    """A box that has to be filled at the seal and is not. JSON null is found in the stored form as in the plain one."""
    last = len(STAGES) - 1
    found = Q(pk__in=[])
    for name, section in occupation.sections.items():
        for field in section.fields.values():
            if not section.repeats and field.applies_in(year) and not field.computed and field.required(last):
                found |= Q(**{f"content__{name}__{field.name}": None})
    return found


def _valid_parts(parts: QuerySet[RecordPart], at: dt.datetime) -> QuerySet[RecordPart]:
    return parts.filter(Exists(Version.objects.filter(part_id=OuterRef("id"), sealed_at__lte=at)))


def _valid_versions(agency_id: int, occupation: str, year: int, at: dt.datetime) -> QuerySet[Version]:
    later = Version.objects.filter(
        part_id=OuterRef("part_id"), number__gt=OuterRef("number"), sealed_at__lte=at
    )
    versions = Version.objects.filter(
        agency_id=agency_id,
        occupation=occupation,
        part__year=year,
        part__recalled_at=None,
        sealed_at__lte=at,
    )
    return versions.filter(~Exists(later))
