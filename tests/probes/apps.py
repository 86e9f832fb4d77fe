from django.apps import AppConfig


class ProbesConfig(AppConfig):
    """Tenant tables that exist only to try out the tenancy layer."""

    name = "tests.probes"
    label = "probes"
