"""Application configuration of the demonstration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """`make demo`: synthetic people, one account per role, all processes under one supervisor."""

    name = "demo"
    verbose_name = "演示"
