"""Context of every page that depends on nothing but the request and the settings."""

from django.conf import settings
from django.http import HttpRequest

from credit_platform.web.size import is_large


def shell(request: HttpRequest) -> dict[str, object]:
    """Give the shell: large text, the page's path, and the idle time-out that the script counts down."""
    return {
        "large": is_large(request),
        "path": request.path,
        "idle_seconds": settings.IDLE_SECONDS,
        "idle_warn_seconds": settings.IDLE_WARNING_SECONDS,
    }
