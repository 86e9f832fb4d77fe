"""URLs of identity checks."""

from django.urls import path

from verification import views

urlpatterns = [path("identity-checks/", views.identity_checks, name="identity-checks")]
