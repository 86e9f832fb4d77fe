"""Application configuration of agencies."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """Jurisdictions, agencies, employers, memberships and responsibilities."""

    name = "agencies"
    verbose_name = "单位与分工"
