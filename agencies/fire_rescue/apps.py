from django.apps import AppConfig


class FireRescueConfig(AppConfig):
    name = "agencies.fire_rescue"
    label = "fire_rescue"
    verbose_name = "消防救援"
    department = "fire_rescue"
