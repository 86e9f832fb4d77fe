"""URLs of oversight."""

from django.urls import path

from oversight import home, journal, office, people, reminder_pages, state

urlpatterns = [
    path("", home.home, name="home"),
    path("progress/export/", office.progress_export, name="progress-export"),
    path("progress/people/", people.progress_people, name="progress-people"),
    path("progress/<int:agency_id>/<slug:occupation>/", office.progress_group, name="progress-group"),
    path("reminders/", reminder_pages.reminder_send, name="reminder-send"),
    path("reminders/<uuid:reminder_id>/", reminder_pages.reminder, name="reminder"),
    path("health/", home.health, name="health"),
    path("state/", state.state, name="state"),
    path("journal/", journal.journal, name="journal"),
    path("platform/journal/", journal.platform_journal, name="platform-journal"),
]
