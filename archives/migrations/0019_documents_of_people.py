"""Numbers move from the hub's rows to documents of their own, so that one person may have several."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from archives.schema.identifiers import birth_date_of
from credit_platform import crypto
from credit_platform.tenancy.policies import COUNTY, OFFICE_OR_JOB, Policies, RowLevelSecurity, secure_table

_FILLS_IN = "app.kind() IN ('agency', 'employer', 'job')"
# Agencies see no row of the hub: whose a document is stands in the document, found by number and name together.
PERSON = Policies(
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR app.kind() = 'person' AND id = app.person())",
    insert=f"{COUNTY} AND {_FILLS_IN}",
    update=f"{COUNTY} AND app.kind() = 'job'",
)
DOCUMENT = Policies(
    select=(
        f"{COUNTY} AND ({OFFICE_OR_JOB} OR app.kind() = 'person' AND person_id = app.person()"
        f" OR {_FILLS_IN} AND number_name_index = app.key())"
    ),
    insert=f"{COUNTY} AND {_FILLS_IN}",
    update=f"{COUNTY} AND app.kind() = 'job'",
)
_TABLES = ("archives_person", "archives_persondocument", "archives_archive")
_READ = """
SELECT p.id::text, p.document_type, p.number, p.number_index, p.number_name_index, p.created_at,
       (SELECT min(a.name) FROM archives_archive a
         WHERE a.jurisdiction_id = p.jurisdiction_id AND a.person_id = p.id)
  FROM archives_person p WHERE p.jurisdiction_id = %s ORDER BY p.id"""
_WRITE = """
INSERT INTO archives_persondocument (id, jurisdiction_id, person_id, document_type, number, number_index,
       number_name_index, namesake_index, "primary", evidence, added_by, added_at, mistaken, end_reason, ended_by)
SELECT id, %s, person, kind, number, by_number, by_name, namesakes, true, '', '', at, false, '', ''
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
       AS made(id, person, kind, number, by_number, by_name, namesakes, at)"""
_BATCH = 1000


def move_numbers(apps: Any, schema_editor: Any) -> None:
    """Give everybody in the hub the document that stood there, as the primary one.

    The owner too sees nothing under FORCE, so it is lifted meanwhile.
    """
    places = apps.get_model("agencies", "Jurisdiction").objects.order_by("id").values_list("id", flat=True)
    with schema_editor.connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        for place in places:
            cursor.execute(_READ, [place])
            rows = cursor.fetchall()
            for start in range(0, len(rows), _BATCH):
                made = [_document(*row) for row in rows[start : start + _BATCH]]
                cursor.execute(_WRITE, [place, *(list(column) for column in zip(*made, strict=True))])
        for table in _TABLES:
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def _document(
    person: str, kind: str, number: str, by_number: str, by_name: str, at: Any, name: str | None
) -> Any:
    born = birth_date_of(kind, crypto.decrypt(number, purpose="person.number"))
    namesakes = (
        crypto.blind_index(name, born.isoformat(), purpose="person.name+birth") if name and born else ""
    )
    return str(credit_platform.identity.uuid7()), person, kind, number, by_number, by_name, namesakes, at


def let_numbers_go(apps: Any, schema_editor: Any) -> None:
    """Take the policies off that read the columns that go, and let a job say that a number is nobody's any more."""
    for command in ("select", "insert", "update"):
        schema_editor.execute(f'DROP POLICY "{command}" ON archives_person')
    schema_editor.execute(
        f'CREATE POLICY "update" ON archives_personlocator FOR UPDATE'
        f" USING ({COUNTY} AND app.kind() = 'job') WITH CHECK ({COUNTY} AND app.kind() = 'job')"
    )
    schema_editor.execute(f'GRANT UPDATE ON archives_personlocator TO "{settings.DATABASE_SITE_ROLE}"')


def secure_people(apps: Any, schema_editor: Any) -> None:
    """Set the policies of the hub anew."""
    secure_table(schema_editor, "archives_person", PERSON)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0004_contents_of_groups"),
        ("archives", "0018_contents_are_destroyed"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=credit_platform.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("document_type", models.CharField(max_length=3, verbose_name="证件类型")),
                ("number", models.TextField(verbose_name="证件号码（加密）")),
                ("number_index", models.CharField(max_length=64)),
                ("number_name_index", models.CharField(max_length=64)),
                ("namesake_index", models.CharField(blank=True, max_length=64)),
                ("primary", models.BooleanField(default=True, verbose_name="主证件")),
                ("evidence", models.CharField(blank=True, max_length=500, verbose_name="登记依据")),
                ("added_by", models.CharField(blank=True, max_length=50, verbose_name="登记人")),
                (
                    "added_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                ("ended_on", models.DateField(null=True, verbose_name="停用日期")),
                ("mistaken", models.BooleanField(default=False, verbose_name="登记有误")),
                ("end_reason", models.CharField(blank=True, max_length=500, verbose_name="停用原因")),
                ("ended_by", models.CharField(blank=True, max_length=50, verbose_name="办理人")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="办理时间")),
                (
                    "jurisdiction",
                    credit_platform.tenancy.fields.JurisdictionField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
                (
                    "person",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="archives.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "人员证件",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="persondocument",
            index=models.Index(fields=["jurisdiction", "number_name_index"], name="document_number_name"),
        ),
        migrations.AddIndex(
            model_name="persondocument",
            index=models.Index(
                condition=models.Q(("namesake_index", ""), _negated=True),
                fields=["jurisdiction", "namesake_index"],
                name="document_namesakes",
            ),
        ),
        migrations.AddConstraint(
            model_name="persondocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mistaken", False)),
                fields=("jurisdiction", "number_index"),
                name="document_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="persondocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mistaken", False), ("primary", True)),
                fields=("jurisdiction", "person"),
                name="document_primary",
            ),
        ),
        RowLevelSecurity("persondocument", DOCUMENT),
        migrations.RunPython(move_numbers, migrations.RunPython.noop),
        migrations.RunPython(let_numbers_go, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="person", name="person_number"),
        migrations.RemoveIndex(model_name="person", name="person_number_name"),
        migrations.RemoveField(model_name="person", name="document_type"),
        migrations.RemoveField(model_name="person", name="number"),
        migrations.RemoveField(model_name="person", name="number_index"),
        migrations.RemoveField(model_name="person", name="number_name_index"),
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="archives.person",
                verbose_name="并入",
            ),
        ),
        migrations.AlterField(
            model_name="personlocator", name="person_id", field=models.UUIDField(null=True)
        ),
        migrations.RunPython(secure_people, migrations.RunPython.noop),
    ]
