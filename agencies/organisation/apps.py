from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "agencies.organisation"
    label = "organisation"
    verbose_name = "组织"
    department = "organisation"
