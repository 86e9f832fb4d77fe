"""URLs of the site. Every view declares who may use it (`credit_platform.web.access`)."""

from django.urls import URLPattern, URLResolver, include, path

from credit_platform.web import errors, size

urlpatterns: list[URLPattern | URLResolver] = [
    path("size/", size.set_size, name="set-size"),
    *(
        path("", include(f"{app}.urls"))
        for app in (
            "accounts",
            "agencies",
            "notices",
            "archives",
            "delivery",
            "verification",
            "oversight",
            "manual",
        )
    ),
]

handler400 = errors.handler400
handler403 = errors.handler403
handler404 = errors.handler404
handler500 = errors.handler500
