"""Application configuration of identity checks."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    """Names and document numbers to the population database's service, and its answers back."""

    name = "verification"
    verbose_name = "身份核验"
