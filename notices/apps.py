"""Application configuration of notices."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What members are told: in the application always, by mail if they want it."""

    name = "notices"
    verbose_name = "通知"
