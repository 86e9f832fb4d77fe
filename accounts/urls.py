"""URLs of accounts."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("lock/", views.lock, name="lock"),
    path("password/", views.password, name="password"),
    path("keep-alive/", views.keep_alive, name="keep-alive"),
]
