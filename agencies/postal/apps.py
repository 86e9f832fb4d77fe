from django.apps import AppConfig


class PostalConfig(AppConfig):
    name = "agencies.postal"
    label = "postal"
    verbose_name = "邮政管理"
    department = "postal"
