from django.apps import AppConfig


class CivilAffairsConfig(AppConfig):
    name = "agencies.civil_affairs"
    label = "civil_affairs"
    verbose_name = "民政"
    department = "civil_affairs"
