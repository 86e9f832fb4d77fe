"""Application configuration of the tenancy layer."""

from django.apps import AppConfig
from django.core.checks import register

from credit_platform.tenancy.checks import check_tenant_models


class TenancyConfig(AppConfig):
    """Context, keys in the database and row-level security."""

    name = "credit_platform.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        """Register the rules that tenant models keep."""
        register(check_tenant_models)
