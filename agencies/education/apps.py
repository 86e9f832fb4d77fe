from django.apps import AppConfig


class EducationConfig(AppConfig):
    name = "agencies.education"
    label = "education"
    verbose_name = "教育"
    department = "education"
