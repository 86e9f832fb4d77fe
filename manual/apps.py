"""Django app of the manual."""

from django.apps import AppConfig


class ManualConfig(AppConfig):
    """Pages only; no tables."""

    name = "manual"
    verbose_name = "帮助"
