from django.apps import AppConfig


class TransportConfig(AppConfig):
    name = "agencies.transport"
    label = "transport"
    verbose_name = "交通运输"
    department = "transport"
