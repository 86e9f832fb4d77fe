from django.apps import AppConfig


class CentralBankConfig(AppConfig):
    name = "agencies.central_bank"
    label = "central_bank"
    verbose_name = "人民银行"
    department = "central_bank"
