from django.apps import AppConfig


class AdministrativeApprovalConfig(AppConfig):
    name = "agencies.administrative_approval"
    label = "administrative_approval"
    verbose_name = "行政审批"
    department = "administrative_approval"
