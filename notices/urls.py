"""URLs of notices."""

from django.urls import path

from notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/read/", views.notice_all_read, name="notice-all-read"),
    path("notices/mail/", views.notice_mail, name="notice-mail"),
    path("notices/<uuid:notice_id>/open/", views.notice_open, name="notice-open"),
]
