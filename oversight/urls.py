"""URLs of oversight."""

from django.urls import path

from oversight import home, journal

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", home.health, name="health"),
    path("journal/", journal.journal, name="journal"),
    path("platform/journal/", journal.platform_journal, name="platform-journal"),
]
