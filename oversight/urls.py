"""URLs of oversight."""

from django.urls import path

from oversight import home, journal, state

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", home.health, name="health"),
    path("state/", state.state, name="state"),
    path("journal/", journal.journal, name="journal"),
    path("platform/journal/", journal.platform_journal, name="platform-journal"),
]
