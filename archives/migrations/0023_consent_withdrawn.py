"""What rested on a withdrawn consent is destroyed, and a member who consents again gets a record of the year anew."""

from django.conf import settings
from django.db import migrations, models

from credit_platform.tenancy.policies import COUNTY

# The day is that of the place, whatever the clock of a session says.
_OVER = f"i.kept_until < (now() AT TIME ZONE '{settings.TIME_ZONE}')::date"
_OF = "v.jurisdiction_id = app.j() AND v.id = archives_versionbody.version_id"
_OF_FACT = f"""EXISTS (
    SELECT 1 FROM archives_version v JOIN archives_item i ON i.jurisdiction_id = v.jurisdiction_id AND i.id = v.item_id
    WHERE {_OF} AND {_OVER})"""  # noqa: S608  # names of our own
_OF_RECALLED = f"""EXISTS (
    SELECT 1 FROM archives_version v
    JOIN archives_recordpart p ON p.jurisdiction_id = v.jurisdiction_id AND p.id = v.part_id
    WHERE {_OF} AND p.recalled_at IS NOT NULL)"""  # noqa: S608  # names of our own


def _set(condition: str) -> str:
    """Return the policy under which jobs destroy bodies."""
    return (
        'DROP POLICY "delete" ON archives_versionbody; '
        'CREATE POLICY "delete" ON archives_versionbody FOR DELETE '
        f"USING (archives_versionbody.{COUNTY} AND app.kind() = 'job' AND ({condition}))"
    )


class Migration(migrations.Migration):
    dependencies = [("archives", "0022_untaken")]

    operations = [
        migrations.RemoveConstraint("recordpart", "part_of_agency"),
        migrations.AddConstraint(
            "recordpart",
            models.UniqueConstraint(
                fields=["jurisdiction", "record", "agency"],
                condition=models.Q(recalled_at=None),
                name="part_of_agency",
            ),
        ),
        migrations.RunSQL(_set(f"{_OF_FACT} OR {_OF_RECALLED}"), _set(_OF_FACT)),
    ]
