"""PostgreSQL 17 and Valkey for this checkout, without installing or configuring anything.

>>> from credit_platform.embedded import services
>>> services().database_url

Nothing here imports Django: settings.py calls `services()`.
"""

from .client import Services, services, status, stop, wipe
from .errors import ServiceUnavailable
from .servers import check_server

__all__ = ["ServiceUnavailable", "Services", "check_server", "services", "status", "stop", "wipe"]
