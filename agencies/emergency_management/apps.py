from django.apps import AppConfig


class EmergencyManagementConfig(AppConfig):
    name = "agencies.emergency_management"
    label = "emergency_management"
    verbose_name = "应急管理"
    department = "emergency_management"
