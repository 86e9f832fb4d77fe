"""What a fact said is destroyed once it may be kept no longer: by jobs, of such facts alone."""

from django.conf import settings
from django.db import migrations, models

from credit_platform.tenancy.policies import COUNTY

# The day is that of the place, whatever the clock of a session says.
_KEPT_NO_LONGER = f"""archives_versionbody.{COUNTY} AND app.kind() = 'job' AND EXISTS (
    SELECT 1 FROM archives_version v JOIN archives_item i ON i.jurisdiction_id = v.jurisdiction_id AND i.id = v.item_id
    WHERE v.jurisdiction_id = app.j() AND v.id = archives_versionbody.version_id
    AND i.kept_until < (now() AT TIME ZONE '{settings.TIME_ZONE}')::date)"""  # noqa: S608  # names of our own


def may_destroy(apps, schema_editor):
    """Bodies are the only rows of a county that the site deletes."""
    schema_editor.execute(f'GRANT DELETE ON archives_versionbody TO "{settings.DATABASE_SITE_ROLE}"')
    schema_editor.execute(
        f'CREATE POLICY "delete" ON archives_versionbody FOR DELETE USING ({_KEPT_NO_LONGER})'
    )


def may_not(apps, schema_editor):
    """Back to rows that nobody deletes."""
    schema_editor.execute('DROP POLICY "delete" ON archives_versionbody')
    schema_editor.execute(f'REVOKE DELETE ON archives_versionbody FROM "{settings.DATABASE_SITE_ROLE}"')


class Migration(migrations.Migration):
    dependencies = [("archives", "0017_member_consents")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="emptied_at",
            field=models.DateTimeField(null=True, verbose_name="清除时间"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("emptied_at", None), ("kept_until__isnull", False)),
                fields=["jurisdiction", "kept_until", "id"],
                name="item_to_empty",
            ),
        ),
        migrations.RunPython(may_destroy, may_not),
    ]
