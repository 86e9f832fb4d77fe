from django.apps import AppConfig


class AuditOfficeConfig(AppConfig):
    name = "agencies.audit_office"
    label = "audit_office"
    verbose_name = "审计"
    department = "audit_office"
