"""Application configuration of the web layer."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What every page shares: shell, form renderer, template tags, error pages, 大字版."""

    name = "credit_platform.web"
    label = "web"
