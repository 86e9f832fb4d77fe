"""Application configuration of the journal."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Append-only journal and life cycles."""

    name = "audit"
    verbose_name = "操作日志"
