from django.apps import AppConfig


class EcologyConfig(AppConfig):
    name = "agencies.ecology"
    label = "ecology"
    verbose_name = "生态环境"
    department = "ecology"
