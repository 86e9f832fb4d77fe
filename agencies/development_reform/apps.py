from django.apps import AppConfig


class DevelopmentReformConfig(AppConfig):
    name = "agencies.development_reform"
    label = "development_reform"
    verbose_name = "发展和改革"
    department = "development_reform"
