from django.apps import AppConfig


class CyberspaceConfig(AppConfig):
    name = "agencies.cyberspace"
    label = "cyberspace"
    verbose_name = "网信"
    department = "cyberspace"
