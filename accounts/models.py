"""People who sign in. What they may do comes from their memberships (`agencies.Membership`)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, username: str, password: str | None = None, **more: Any) -> User:
        """Return a saved user; without a password the account cannot sign in."""
        user = self.model(username=username.strip().lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by user name without regard to case and surrounding blanks.

        Names are stored in lower case; comparing them so, and not by the database's idea of upper case, keeps
        look-alikes such as ſ and ı from being another name for the lock-out and the same for the password.
        """
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Stands outside the tenants: one person may serve in several units.

    `kind` leaves the place for individuals, who will come in through the province's identity service and never have
    a password here; `second_factor_required` for staff's second factor.
    """

    class Kind(models.TextChoices):
        STAFF = "staff", "工作人员"
        INDIVIDUAL = "individual", "个人"

    username = models.CharField("用户名", max_length=50, unique=True)
    display_name = models.CharField("姓名", max_length=50)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices, default=Kind.STAFF)
    is_active = models.BooleanField("启用", default=True)
    is_operator = models.BooleanField("平台运维", default=False)
    second_factor_required = models.BooleanField("需要第二因素", default=False)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    mail_address = models.EmailField("电子邮箱", max_length=120, blank=True)
    mail_wanted = models.BooleanField("邮件提醒", default=False)
    created_at = models.DateTimeField("创建时间", default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = "账号"
        constraints = [models.UniqueConstraint(Lower("username"), name="user_name_without_case")]

    def __str__(self) -> str:
        return self.display_name
