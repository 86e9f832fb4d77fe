"""URLs of the manual."""

from django.urls import path

from manual import views
from manual.chapters import CHAPTERS

urlpatterns = [
    path("help/", views.manual, name="manual"),
    *(path(f"help/{one.slug}/", views.chapter, {"chapter": one}, name=one.url_name) for one in CHAPTERS),
]
