"""Forms of signing in, unlocking and changing the password."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import User


class SignInForm(forms.Form):
    """User name and password; whether they are right is decided by `accounts.services.sign_in`."""

    username = forms.CharField(
        label="用户名",
        max_length=50,
        error_messages={"required": "请填写用户名。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        error_messages={"required": "请填写密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class UnlockForm(forms.Form):
    """The password of the person whose session is locked."""

    password = SignInForm.base_fields["password"]


class PasswordForm(forms.Form):
    """Old password, new password twice; whether the old one is right is decided by `services.change_password`."""

    old = forms.CharField(
        label="现在的密码",
        max_length=200,
        strip=False,
        error_messages={"required": "请填写现在的密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        max_length=200,
        strip=False,
        error_messages={"required": "请填写新密码。"},
        help_text="至少 10 位，包含大写字母、小写字母、数字、其他符号中的至少 3 种。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再填一次新密码",
        max_length=200,
        strip=False,
        error_messages={"required": "请再填一次新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_new(self) -> str:
        """Check the rules for passwords."""
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        """Check that both entries agree and that the password changes."""
        data = super().clean() or self.cleaned_data
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", "两次填写的新密码不一致，请重新填写。")
        if data.get("new") and data.get("new") == data.get("old"):
            self.add_error("new", "新密码与现在的密码相同，请换一个。")
        return data
