"""By which document a fact or a record came to an archive, which one the office had before it, and who the
second person was. A unit writes less of the hub, and the office sees less of units' requests."""

from dataclasses import replace
from importlib import import_module
from typing import Any

from django.db import migrations, models

from credit_platform.tenancy.policies import COUNTY, OWN_AGENCY, Policies, secure_table

_HUB = import_module("archives.migrations.0019_documents_of_people")
PERSON, DOCUMENT = _HUB.PERSON, _HUB.DOCUMENT
REQUEST: Policies = import_module("archives.migrations.0020_identity_requests").REQUEST
# No lists: they are written otherwise by a database that was restored (`tests/tenancy/test_backup.py`).
_OFFICES = (
    "app.kind() = 'office' AND (status = 'office' OR status = 'decided' OR kind = 'asked' OR finding <> '')"
)
# A unit brings a request before its own reviewer, or a claim before the office; it decides nothing in the office's
# place. The office sees and settles what was brought before it.
REQUEST_NOW = Policies(
    select=f"{COUNTY} AND (app.kind() = 'job' OR {_OFFICES} OR {OWN_AGENCY})",
    insert=(
        f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} AND finding = '' AND kind <> 'asked'"
        " AND status = CASE kind WHEN 'claim' THEN 'office' ELSE 'proposed' END)"
    ),
    update=f"{COUNTY} AND (app.kind() = 'job' OR {_OFFICES} OR {OWN_AGENCY} AND status <> 'decided')",
)


_TABLES = {
    "archives_person": (PERSON, replace(PERSON, insert=f"({PERSON.insert}) AND merged_into_id IS NULL")),
    # With the one primary document of each person: nobody but a job gives a further one to a person who is there.
    "archives_persondocument": (
        DOCUMENT,
        replace(
            DOCUMENT,
            insert=f"({DOCUMENT.insert}) AND (app.kind() = 'job' OR \"primary\" AND NOT mistaken AND ended_on IS NULL)",
        ),
    ),
    "archives_identityrequest": (REQUEST, REQUEST_NOW),
}


def _set(schema_editor: Any, which: int) -> None:
    for table, both in _TABLES.items():
        for command in both[0].by_command():
            schema_editor.execute(f'DROP POLICY "{command.lower()}" ON "{table}"')
        secure_table(schema_editor, table, both[which])


def tighten(apps: Any, schema_editor: Any) -> None:
    """Set the policies of the hub and of requests anew."""
    _set(schema_editor, 1)


def loosen(apps: Any, schema_editor: Any) -> None:
    """Set them as they were."""
    _set(schema_editor, 0)


_DELIVERY = [
    ("pending", "待报送"),
    ("sent", "已报送"),
    ("accepted", "平台已接收"),
    ("rejected", "平台退回"),
    ("untaken", "平台不收"),
    ("superseded", "身份已更正，不报送"),
]


def _delivery() -> models.CharField:
    return models.CharField(blank=True, choices=_DELIVERY, max_length=10, verbose_name="报送状态")


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0024_ends_of_transfers"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="identified_with",
            field=models.UUIDField(null=True, verbose_name="身份核对所据的另一证件"),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="opened_with",
            field=models.UUIDField(null=True, verbose_name="建立时所据的另一证件"),
        ),
        migrations.AddField(
            model_name="identityrequest",
            name="found_document",
            field=models.UUIDField(null=True, verbose_name="核实时的登记"),
        ),
        migrations.AddField(
            model_name="identityrequest",
            name="agreer_id",
            field=models.IntegerField(null=True, verbose_name="复核账号"),
        ),
        migrations.AddField(
            model_name="identityrequest",
            name="settler_id",
            field=models.IntegerField(null=True, verbose_name="办结账号"),
        ),
        migrations.AddField(
            model_name="personpair",
            name="settler_id",
            field=models.IntegerField(null=True, verbose_name="办理账号"),
        ),
        migrations.AddConstraint(
            model_name="identityrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "done"), _negated=True),
                    ("kind__in", ("claim", "asked")),
                    models.Q(
                        ("proposer_id__isnull", False),
                        ("settler_id__isnull", False),
                        models.Q(("settler_id", models.F("proposer_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="identity_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="identityrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finding", ""),
                    ("status", "decided"),
                    models.Q(
                        ("agreer_id__isnull", False),
                        ("finder_id__isnull", False),
                        models.Q(("agreer_id", models.F("finder_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="identity_found_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="personpair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "merged"), _negated=True),
                    models.Q(
                        ("proposer_id__isnull", False),
                        ("settler_id__isnull", False),
                        models.Q(("settler_id", models.F("proposer_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="pair_merged_by_two",
            ),
        ),
        migrations.AlterField(
            model_name="identityrequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("document", "登记另一证件"),
                    ("correction", "更正身份"),
                    ("removal", "注销登记有误的证件"),
                    ("claim", "号码登记为他人姓名，提请核实"),
                    ("asked", "信用工作机构要求更正"),
                ],
                max_length=10,
                verbose_name="事项",
            ),
        ),
        migrations.AlterField("item", "delivery", _delivery()),
        migrations.AlterField("recordpart", "delivery", _delivery()),
        migrations.AlterField(
            "outbox",
            "state",
            models.CharField(choices=_DELIVERY, default="pending", max_length=10, verbose_name="状态"),
        ),
        migrations.RunPython(tighten, loosen),
    ]
