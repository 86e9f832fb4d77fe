from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "agencies.commerce"
    label = "commerce"
    verbose_name = "商务"
    department = "commerce"
