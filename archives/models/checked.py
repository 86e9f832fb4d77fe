"""The columns of an archive that say whether its identity was checked, and what is due to be checked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from archives.states import CheckOutcome


def identity_key(document_type: str, number_index: str, name: str) -> str:
    """Return what stands for one identity in `checked_as`; it holds the number's blind index, never the number."""
    return f"{document_type}:{number_index}:{name}"


def checked_as_it_is(prefix: str = "") -> Q:
    """Return the condition that the latest answer is about name and number as they are now. `prefix` leads to the
    archive.

    So nobody who corrects an identity has to think of its check: the old answer stops counting by itself.
    """
    colon = Value(":")
    now = Concat(F(f"{prefix}document_type"), colon, F(f"{prefix}number_index"), colon, F(f"{prefix}name"))
    return Q(**{f"{prefix}checked_as": now})


class Checked(models.Model):
    """What the latest check said (`check_state`, `checked_at`, `checked_by`: service or reviewer), of which identity
    (`checked_as`), and when the next is made: not before `check_after`, which grows with `check_tries`; `check_asked`:
    somebody wants it checked anew.
    """

    check_state = models.CharField("核验状态", max_length=12, choices=CheckOutcome.choices, blank=True)
    checked_as = models.CharField(max_length=160, blank=True)
    checked_at = models.DateTimeField("核验时间", null=True)
    checked_by = models.CharField("核验服务", max_length=60, blank=True)
    check_after = models.DateTimeField("下次核验", default=timezone.now)
    check_tries = models.PositiveSmallIntegerField(default=0)
    check_asked = models.BooleanField("要求重新核验", default=False)

    number_index: models.CharField[str, str]
    document_type: models.CharField[str, str]
    name: models.CharField[str, str]

    class Meta:
        abstract = True

    @property
    def identity_key(self) -> str:
        """What stands for name and number as they are now."""
        return identity_key(self.document_type, self.number_index, self.name)

    @property
    def identity_state(self) -> str:
        """What is known of name and number as they are now; "" while nothing is."""
        return self.check_state if self.checked_as == self.identity_key else ""


def check_indexes() -> list[models.Index]:
    """Return the partial indexes: what is due, and what does not match. Answered archives are in neither."""
    return [
        models.Index(
            fields=["jurisdiction", "check_after", "id"],
            condition=~checked_as_it_is() | Q(check_asked=True),
            name="archive_check_due",
        ),
        models.Index(
            fields=["jurisdiction", "agency", "occupation"],
            condition=Q(check_state=CheckOutcome.MISMATCH),
            name="archive_mismatched",
        ),
    ]
