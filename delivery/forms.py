"""Forms of delivery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from delivery.health import TargetHealth
from delivery.orders import LEAST_REASON, MOST_REASON


class SendNowForm(forms.Form):
    """Where to send what waits for its day, and why it can't wait."""

    target = forms.ChoiceField(
        label="报送对象",
        error_messages={
            "required": "请选择报送对象。",
            "invalid_choice": "没有这个报送对象，请从列表中选择。",
        },
    )
    reason = forms.CharField(
        label="原因",
        min_length=LEAST_REASON,
        max_length=MOST_REASON,
        help_text="原因记入操作日志。例：市信用办要求月底前报齐。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "请写明为什么不等到期就报送。",
            "min_length": f"原因太短，请至少写 {LEAST_REASON} 个字。",
            "max_length": f"原因太长，请不要超过 {MOST_REASON} 个字。",
        },
    )

    def __init__(self, *args: Any, health: Sequence[TargetHealth], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["target"]
        field.choices = [(one.code, f"{one.name}（等待到期 {one.waiting:,} 条）") for one in health]
