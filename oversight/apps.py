"""Application configuration of oversight."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """What the credit office sees of everybody's work, and the installation as a whole."""

    name = "oversight"
    verbose_name = "督导"
