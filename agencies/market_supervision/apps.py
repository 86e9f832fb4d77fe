from django.apps import AppConfig


class MarketSupervisionConfig(AppConfig):
    name = "agencies.market_supervision"
    label = "market_supervision"
    verbose_name = "市场监督管理"
    department = "market_supervision"
