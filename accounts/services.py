"""Signing in and out, locking, passwords."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import cast

from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone

from accounts.addresses import client_address
from accounts.models import User
from audit import journal

LOCKED = "locked"
SEEN = "seen"
MEMBERSHIP = "membership"


USERNAME = re.compile(r"[a-z0-9._-]{1,50}")
WRONG = "用户名或密码不正确，请核对后重新填写。连续 5 次不正确将暂停登录 30 分钟。"


class SignInRefused(Exception):
    """Signing in failed; `str()` is the message. It never tells whether the user name exists."""


def sign_in(request: HttpRequest, *, username: str, password: str) -> User:
    """Check name and password and open a session. Raises `SignInRefused`.

    Five failures of an account from one address lock that pair for 30 minutes (axes); slower limits hold for an
    account from any address and for an address with any account, so that nobody can be tried out piecemeal and
    nobody can lock a colleague out with a few guesses.
    """
    username = unicodedata.normalize("NFKC", username).strip().lower()
    address = client_address(request)
    if not USERNAME.fullmatch(username):
        # Somebody may have typed the password here: what no name can be is not kept.
        journal.write_platform("account.sign_in_failed", name="（不合格式）", address=address, success=False)
        raise SignInRefused(WRONG)
    if _over_slow_limit(username=username, address=address):
        journal.write_platform("account.sign_in_limited", name=username, address=address, success=False)
        raise SignInRefused("登录失败次数过多，已暂停登录。请稍后再试；急需办理的，请联系本单位管理员。")
    user = authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        journal.write_platform("account.locked_out", name=username, address=address, success=False)
        raise SignInRefused("连续 5 次密码不正确，已暂停登录 30 分钟。请稍后再试，或请单位管理员重置密码。")
    if not isinstance(user, User):
        journal.write_platform("account.sign_in_failed", name=username, address=address, success=False)
        raise SignInRefused(WRONG)
    login(request, user)
    request.session[SEEN] = timezone.now().timestamp()
    if request.session.session_key is None:
        request.session.save()  # after another person's session: the journal needs the new one's key
    _journal(request, "account.signed_in", user)
    return user


def sign_out(request: HttpRequest, *, reason: str = "") -> None:
    """End the session and journal it."""
    user = request.user
    if isinstance(user, User):
        _journal(request, "account.signed_out", user, reason=reason)
    logout(request)


def lock(request: HttpRequest) -> None:
    """Lock the session for a shared computer: nothing is shown until the password is entered again."""
    request.session[LOCKED] = True


def unlock(request: HttpRequest, *, password: str) -> None:
    """Unlock with the password of the same person. Raises `SignInRefused`; failures count as failed sign-ins."""
    if not _is_own_password(request, password, too_often="解锁失败次数过多"):
        _journal(request, "account.unlock_failed", cast(User, request.user), success=False)
        raise SignInRefused("密码不正确，请重新填写。不是本人的，请选“换人登录”。")
    request.session.pop(LOCKED, None)
    request.session[SEEN] = timezone.now().timestamp()


def change_password(request: HttpRequest, *, old: str, new: str) -> None:
    """Set a new password; other sessions of the account end.

    Raises `SignInRefused` if `old` is wrong; failures count as failed sign-ins, the fifth signs out.
    """
    user = cast(User, request.user)
    if not _is_own_password(request, old, too_often="修改密码时密码不正确次数过多"):
        _journal(request, "account.password_failed", user, success=False)
        raise SignInRefused("现在的密码不正确，请重新填写。")
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    update_session_auth_hash(request, user)
    _journal(request, "account.password_changed", user)


def _is_own_password(request: HttpRequest, password: str, *, too_often: str) -> bool:
    """Check the password of whoever is signed in; a lock-out ends the session and raises `SignInRefused`."""
    user = authenticate(request, username=request.user.get_username().lower(), password=password)
    if getattr(request, "axes_locked_out", False):
        sign_out(request, reason=too_often)
        raise SignInRefused("连续 5 次密码不正确，已退出登录。请 30 分钟后再试，或请单位管理员重置密码。")
    return user is not None and user.pk == request.user.pk


def _journal(request: HttpRequest, verb: str, user: User, *, success: bool = True, reason: str = "") -> None:
    journal.write_platform(
        verb,
        name=user.username,
        address=client_address(request),
        success=success,
        user_id=user.pk,
        session=(request.session.session_key or "")[:8],
        reason=reason,
    )


def _over_slow_limit(*, username: str, address: str) -> bool:
    for column, value in (("username", username), ("ip_address", address)):
        limit, hours = settings.SLOW_LIMITS[column]
        since = timezone.now() - dt.timedelta(hours=hours)
        failures = AccessFailureLog.objects.filter(**{column: value}, attempt_time__gte=since)
        if failures.order_by()[:limit].count() >= limit:
            return True
    return False
