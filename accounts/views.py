"""Pages of signing in and out, lock and password."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import PasswordForm, SignInForm, UnlockForm
from accounts.models import User
from credit_platform.web.access import PUBLIC, SIGNED_IN, access
from credit_platform.web.redirects import safe_next


@access(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password."""
    if request.user.is_authenticated and request.method == "GET":
        return redirect(safe_next(request, settings.LOGIN_REDIRECT_URL))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.sign_in(request, **form.cleaned_data)
        except services.SignInRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(safe_next(request, settings.LOGIN_REDIRECT_URL))
    context = {
        "form": form,
        "expired": request.GET.get("expired") == "1",
        "next": safe_next(request, settings.LOGIN_REDIRECT_URL),
    }
    return render(request, "accounts/sign_in.html", context, status=200 if not form.errors else 422)


@access(PUBLIC)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    services.sign_out(request)
    return redirect("sign-in")


@access(SIGNED_IN)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the session (POST without password), show the lock, and unlock it again."""
    if request.method == "POST" and "password" not in request.POST:
        services.lock(request)
        request.session["lock_next"] = safe_next(request, "home")
        return redirect("lock")
    if not request.session.get(services.LOCKED):
        return redirect("home")
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.unlock(request, password=form.cleaned_data["password"])
        except services.SignInRefused as refusal:
            if not request.user.is_authenticated:
                messages.error(request, str(refusal))
                return redirect("sign-in")
            form.add_error(None, str(refusal))
        else:
            return redirect(request.session.pop("lock_next", "home"))
    return render(request, "accounts/lock.html", {"form": form}, status=200 if not form.errors else 422)


@access(SIGNED_IN)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password."""
    user = cast(User, request.user)
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_password(request, old=form.cleaned_data["old"], new=form.cleaned_data["new"])
        except services.SignInRefused as refusal:
            if not request.user.is_authenticated:
                messages.error(request, str(refusal))
                return redirect("sign-in")
            form.add_error("old", str(refusal))
        else:
            messages.success(request, "密码已修改，下次登录请使用新密码。其他地方的登录已全部退出。")
            return redirect("home")
    context = {"form": form, "due": user.must_change_password}
    return render(request, "accounts/password.html", context, status=200 if not form.errors else 422)


@access(SIGNED_IN)
@require_POST
def keep_alive(request: HttpRequest) -> HttpResponse:
    """Extend the session: the person answered “继续使用”."""
    request.session[services.SEEN] = timezone.now().timestamp()
    return JsonResponse({"seconds": settings.IDLE_SECONDS})
