"""The form in which a person chooses mails."""

from __future__ import annotations

from typing import Any

from django import forms


class MailForm(forms.Form):
    """Address and whether mails are wanted."""

    address = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=120,
        error_messages={
            "invalid": "电子邮箱不正确，例：zhangmin@example.cn。",
            "max_length": "电子邮箱最多 120 个字，请核对。",
            "null_characters_not_allowed": "电子邮箱含有无法识别的字符，请重新填写。",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wanted = forms.BooleanField(label="有新通知时发邮件提醒（邮件中没有个人信息）", required=False)

    def clean(self) -> dict[str, Any]:
        """Mails need an address."""
        data = super().clean() or self.cleaned_data
        if data.get("wanted") and not data.get("address") and "address" not in self.errors:
            self.add_error("address", "请填写电子邮箱，或不勾选邮件提醒。")
        return data
