from django.apps import AppConfig


class HumanResourcesConfig(AppConfig):
    name = "agencies.human_resources"
    label = "human_resources"
    verbose_name = "人力资源和社会保障"
    department = "human_resources"
