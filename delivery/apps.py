"""Application configuration of delivery."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Sealed versions to the municipal platform."""

    name = "delivery"
    verbose_name = "报送"
