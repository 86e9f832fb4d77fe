from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "agencies.health"
    label = "health"
    verbose_name = "卫生健康"
    department = "health"
