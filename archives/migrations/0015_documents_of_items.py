"""Which document was held to name and number, whose evidence counts, and that nothing adverse is confirmed untold."""

from django.db import migrations, models

# The authority stood in the values alone: of what was checked it is that of the same document.
_ISSUERS = """
ALTER TABLE archives_item NO FORCE ROW LEVEL SECURITY;
UPDATE archives_item SET identified_issuer = left(coalesce("values" ->> 'issued_by', ''), 200)
       WHERE identified_by <> '' AND identified_document = document_no;
ALTER TABLE archives_item FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0014_notices_as_made"),
    ]

    operations = [
        migrations.RemoveField(model_name="item", name="notice_from"),
        migrations.AddField(
            model_name="item",
            name="identified_issuer",
            field=models.CharField(blank=True, max_length=200, verbose_name="身份核对所据文书的作出单位"),
        ),
        migrations.AddField(
            model_name="item",
            name="evidence_from",
            field=models.DateTimeField(null=True, verbose_name="改据另一文书时间"),
        ),
        migrations.AddField(
            model_name="item",
            name="mendable_until",
            field=models.DateField(null=True, verbose_name="期限可更正至"),
        ),
        migrations.RunSQL(_ISSUERS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("adverse", False),
                    models.Q(("status", "sealed"), _negated=True),
                    ("notified_on__isnull", False),
                    _connector="OR",
                ),
                name="item_adverse_told",
            ),
        ),
    ]
