from django.apps import AppConfig


class JusticeConfig(AppConfig):
    name = "agencies.justice"
    label = "justice"
    verbose_name = "司法行政"
    department = "justice"
