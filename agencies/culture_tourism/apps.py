from django.apps import AppConfig


class CultureTourismConfig(AppConfig):
    name = "agencies.culture_tourism"
    label = "culture_tourism"
    verbose_name = "文化和旅游"
    department = "culture_tourism"
