"""The system checks refuse every model that could not be sharded by county."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import models
from django.test.utils import isolate_apps

from agencies.models import Agency
from credit_platform.tenancy.checks import check_tenant_models
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel
from tests.probes.models import Person


def unique_field() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5, unique=True)

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def indexed_field() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5, db_index=True)

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def plain_reference_to_tenant_data() -> type[models.Model]:
    class Broken(TenantModel):
        person = models.ForeignKey(Person, models.PROTECT, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def indexed_reference_to_a_shared_table() -> type[models.Model]:
    class Broken(TenantModel):
        agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def constraint_to_djangos_own_table() -> type[models.Model]:
    class Broken(TenantModel):
        permission = models.ForeignKey(Permission, models.PROTECT, related_name="+", db_index=False)

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def index_that_begins_elsewhere() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5)

        class Meta(TenantModel.Meta):
            app_label = "probes"
            indexes = [models.Index(fields=["code", "jurisdiction"], name="broken_code")]

    return Broken


def index_over_an_expression() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5)

        class Meta(TenantModel.Meta):
            app_label = "probes"
            indexes = [models.Index(models.functions.Lower("code"), name="broken_lower")]

    return Broken


def uniqueness_that_begins_elsewhere() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5)

        class Meta(TenantModel.Meta):
            app_label = "probes"
            constraints = [models.UniqueConstraint(fields=["code"], name="broken_once")]

    return Broken


def uniqueness_together() -> type[models.Model]:
    class Broken(TenantModel):
        code = models.CharField(max_length=5)

        class Meta(TenantModel.Meta):
            app_label = "probes"
            unique_together = [("code", "jurisdiction")]

    return Broken


def automatic_many_to_many() -> type[models.Model]:
    class Broken(TenantModel):
        people = models.ManyToManyField(Person, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def automatic_many_to_many_from_a_shared_table() -> type[models.Model]:
    class Broken(models.Model):
        people = models.ManyToManyField(Person, related_name="+")

        class Meta:
            app_label = "probes"

        def __str__(self) -> str:
            return "broken"

    return Broken


def plain_base_manager() -> type[models.Model]:
    class Broken(TenantModel):
        everything = models.Manager()
        objects = TenantManager()

        class Meta:
            app_label = "probes"
            base_manager_name = "everything"
            default_manager_name = "objects"

        def __str__(self) -> str:
            return "broken"

    return Broken


def plain_manager() -> type[models.Model]:
    class Broken(TenantModel):
        objects = models.Manager()

        class Meta(TenantModel.Meta):
            app_label = "probes"

    return Broken


def sound() -> type[models.Model]:
    class Sound(TenantModel):
        person = TenantForeignKey(Person, models.PROTECT, related_name="+")
        agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
        code = models.CharField(max_length=5)

        class Meta(TenantModel.Meta):
            app_label = "probes"
            indexes = [models.Index(fields=["jurisdiction", "code"], name="sound_code")]
            constraints = [models.UniqueConstraint(fields=["jurisdiction", "person"], name="sound_once")]

    return Sound


def codes(declare: Callable[[], type[models.Model]], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Declare a model apart from the installed ones and return what the checks say about it."""
    with isolate_apps("tests.probes"):
        model = declare()
    monkeypatch.setattr(apps, "get_models", lambda **_: [model])
    return {str(message.id) for message in check_tenant_models(None)}


@pytest.mark.parametrize(
    ("declare", "code"),
    [
        (unique_field, "tenancy.E001"),
        (indexed_field, "tenancy.E001"),
        (plain_reference_to_tenant_data, "tenancy.E002"),
        (indexed_reference_to_a_shared_table, "tenancy.E003"),
        (constraint_to_djangos_own_table, "tenancy.E004"),
        (index_that_begins_elsewhere, "tenancy.E005"),
        (index_over_an_expression, "tenancy.E005"),
        (uniqueness_that_begins_elsewhere, "tenancy.E006"),
        (uniqueness_together, "tenancy.E006"),
        (automatic_many_to_many, "tenancy.E007"),
        (automatic_many_to_many_from_a_shared_table, "tenancy.E007"),
        (plain_base_manager, "tenancy.E008"),
        (plain_manager, "tenancy.E008"),
    ],
)
def test_broken_rule_is_refused(
    declare: Callable[[], type[models.Model]], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes(declare, monkeypatch) == {code}


def test_sound_model_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(sound, monkeypatch) == set()


def test_all_installed_models_pass() -> None:
    assert check_tenant_models(None) == []
