"""URLs of delivery."""

from django.urls import path

from delivery import views

urlpatterns = [
    path("delivery/", views.delivery_list, name="delivery-list"),
    path("delivery/<uuid:batch_id>/", views.batch, name="batch"),
]
