from django.apps import AppConfig


class HousingConfig(AppConfig):
    name = "agencies.housing"
    label = "housing"
    verbose_name = "住房和城乡建设"
    department = "housing"
