"""From which address a request comes, behind as many of our own proxies as the installation has."""

import re
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  # nobody's address, not one to listen on
"""Stands for a caller without an address (a peer on a Unix socket): columns and limits need a valid one."""
_WITH_PORT = re.compile(r"\[(?P<inner>[^\]]*)\](?::[0-9]{1,5})?|(?P<plain>[^:\[\]]*):[0-9]{1,5}")


def client_address(request: HttpRequest) -> str:
    """Return the caller's IP address in its canonical form, always a valid one.

    With `settings.PROXIES` = n, the n-th entry of X-Forwarded-For from the right: what stands further left was written
    by the caller and proves nothing. A shorter list means that the request came past the proxies: the peer itself, as
    when the entry is no address (`unknown`). `UNKNOWN` when the peer has none either.
    """
    peer = _canonical(str(request.META.get("REMOTE_ADDR") or ""))
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        return _canonical(hops[-settings.PROXIES]) or peer or UNKNOWN
    return peer or UNKNOWN


def _canonical(text: str) -> str:
    """One spelling per address, so that no limit is escaped by another; empty if it is none.

    Port, brackets and IPv6 zone go (PostgreSQL's inet knows no zones); an IPv4 address within IPv6 becomes IPv4.
    """
    match = _WITH_PORT.fullmatch(text.strip())
    if match:
        text = match["plain"] if match["inner"] is None else match["inner"]
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
