"""From which address a request comes, behind as many of our own proxies as the installation has."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the caller's address.

    With `settings.PROXIES` = n, the n-th entry of X-Forwarded-For from the right: what stands further left was written
    by the caller and proves nothing. A shorter list means that the request came past the proxies: the peer itself.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        return hops[-settings.PROXIES][:45]
    return peer
