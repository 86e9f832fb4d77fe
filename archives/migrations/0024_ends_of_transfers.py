"""Nobody sees a transfer before a second person, its ends stay what they are, and a page has those of its transfer."""

from django.conf import settings
from django.db import migrations, models

_FROM = "from_jurisdiction_id = app.j() AND app.kind() = 'agency' AND from_agency_id = app.agency()"
_TO = "to_jurisdiction_id = app.j() AND app.kind() = 'agency' AND to_agency_id = app.agency()"
_SEEN = f"({_FROM}) OR ({_TO} AND sent_at IS NOT NULL)"
# Spelled out: PostgreSQL writes a list of words down otherwise than it reads it, and a restored site has to be the same.
_OPEN_TO_IT = " OR ".join(f"status = '{one}'" for one in ("sent", "received", "refused", "blocked"))
_ANSWERED = f"({_FROM}) OR ({_TO} AND sent_at IS NOT NULL AND ({_OPEN_TO_IT}))"
_BEGUN = f"{_FROM} AND status = 'proposed'"
_ENDS = "from_jurisdiction_id, from_agency_id, to_jurisdiction_id, to_agency_id"
_CHANGES = ", ".join(
    (
        "status, revision, confirmer_id, confirmed_by, sent_at, lapses_on, key_digest, key, identity, guesses",
        "checked_by, checked_at, receipt_no, received_on, received_by, received_archive_id, ended_reason, ended_at",
    )
)
_SITE = f'"{settings.DATABASE_SITE_ROLE}"'


class Migration(migrations.Migration):
    dependencies = [("archives", "0023_consent_withdrawn")]

    operations = [
        migrations.AddConstraint(
            "transfer",
            models.CheckConstraint(
                name="transfer_seen_once_confirmed",
                condition=models.Q(("sent_at", None), ("confirmer_id__isnull", False), _connector="OR"),
            ),
        ),
        migrations.AddConstraint(
            "transfer",
            models.UniqueConstraint(
                fields=("id", "from_jurisdiction", "from_agency", "to_jurisdiction", "to_agency"),
                name="transfer_with_ends",
            ),
        ),
        migrations.RunSQL(
            f"ALTER TABLE archives_transfersheet ADD CONSTRAINT sheet_ends_of_transfer "
            f"FOREIGN KEY (transfer_id, {_ENDS}) REFERENCES archives_transfer (id, {_ENDS})",
            "ALTER TABLE archives_transfersheet DROP CONSTRAINT sheet_ends_of_transfer",
        ),
        migrations.RunSQL(
            f'ALTER POLICY "insert" ON archives_transfer '
            f"WITH CHECK ({_BEGUN} AND sent_at IS NULL AND confirmer_id IS NULL AND guesses = 0)",
            f'ALTER POLICY "insert" ON archives_transfer WITH CHECK ({_BEGUN})',
        ),
        migrations.RunSQL(
            f'ALTER POLICY "update" ON archives_transfer USING ({_SEEN}) WITH CHECK ({_ANSWERED})',
            f'ALTER POLICY "update" ON archives_transfer USING ({_SEEN}) WITH CHECK ({_SEEN})',
        ),
        migrations.RunSQL(
            f"REVOKE UPDATE ON archives_transfer FROM {_SITE}; "
            f"GRANT UPDATE ({_CHANGES}) ON archives_transfer TO {_SITE}",
            f"REVOKE UPDATE ({_CHANGES}) ON archives_transfer FROM {_SITE}; "
            f"GRANT UPDATE ON archives_transfer TO {_SITE}",
        ),
    ]
