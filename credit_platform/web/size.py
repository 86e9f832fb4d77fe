"""大字版 (large text, GB/T 37668): a cookie per browser, so that it holds before sign-in as well."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from credit_platform.web.access import PUBLIC, access

COOKIE = "size"
LARGE = "large"
_YEAR_SECONDS = 365 * 24 * 3600


def is_large(request: HttpRequest) -> bool:
    """Say whether this browser asked for large text."""
    return request.COOKIES.get(COOKIE) == LARGE


@access(PUBLIC)
@require_POST
def set_size(request: HttpRequest) -> HttpResponse:
    """Switch large text on (`size=large`) or off (anything else) and return to the page it was asked on."""
    response = HttpResponseRedirect(_page_before(request))
    if request.POST.get("size") == LARGE:
        response.set_cookie(
            COOKIE, LARGE, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _page_before(request: HttpRequest) -> str:
    """Path of the referring page if it is ours, else the root: never another site's address."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        referrer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return "/"
    parts = urlsplit(referrer)
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path
