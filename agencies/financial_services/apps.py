from django.apps import AppConfig


class FinancialServicesConfig(AppConfig):
    name = "agencies.financial_services"
    label = "financial_services"
    verbose_name = "地方金融"
    department = "financial_services"
