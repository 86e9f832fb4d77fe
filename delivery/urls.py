"""URLs of delivery."""

from django.urls import path

from delivery import views

urlpatterns = [
    path("delivery/", views.delivery_list, name="delivery-list"),
    path("delivery/now/", views.delivery_now, name="delivery-now"),
    path("delivery/<uuid:batch_id>/", views.batch, name="batch"),
]
