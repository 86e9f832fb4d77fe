from django.apps import AppConfig


class TaxationConfig(AppConfig):
    name = "agencies.taxation"
    label = "taxation"
    verbose_name = "税务"
    department = "taxation"
