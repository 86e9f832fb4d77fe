from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "agencies.publicity"
    label = "publicity"
    verbose_name = "宣传"
    department = "publicity"
