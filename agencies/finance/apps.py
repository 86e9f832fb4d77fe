from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "agencies.finance"
    label = "finance"
    verbose_name = "财政"
    department = "finance"
