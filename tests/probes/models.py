"""A chain of tenant tables with every kind of reference: PROTECT, CASCADE, SET_NULL, to itself, and nullable."""

from django.db import models

from credit_platform.tenancy.models import TenantForeignKey, TenantModel


class Person(TenantModel):
    name = models.CharField("姓名", max_length=50)
    id_hash = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "id_hash"], name="probe_person_hash")]

    def __str__(self) -> str:
        return self.name


class Archive(TenantModel):
    person = TenantForeignKey(Person, models.PROTECT, related_name="archives")
    status = models.CharField(max_length=10, default="draft")
    previous = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="nexts")

    def __str__(self) -> str:
        return self.status


class Entry(TenantModel):
    archive = TenantForeignKey(Archive, models.CASCADE, related_name="entries")
    second = TenantForeignKey(Archive, models.PROTECT, null=True, blank=True, related_name="+")
    n = models.IntegerField(default=0)
    data = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return str(self.n)
