"""Forms around dated facts: the fact itself, that the person was told, filters of the list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from agencies.models import Responsibility
from archives.forms import ANY
from archives.occupations import occupations_of
from archives.schema.forms import FactForm
from archives.schema.kinds import ItemKind, kinds
from archives.services.identities import NAME_BOX, NUMBER_BOX, Named
from archives.services.people import years_open
from archives.states import Delivery, Service, Status
from credit_platform.actors import Actor


class ItemForm(FactForm):
    """One dated fact with its basis, which is chosen among the documents of its kind and never typed."""

    def __init__(
        self, *args: Any, place: int, basis: str = "", identified: bool | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.bases = [str(one) for one in self.kind.bases_in(str(place))]
        choices = [(one, one) for one in self.bases]
        if len(choices) > 1:
            choices.insert(0, ("", "请选择"))
        self.initial["basis"] = basis
        fields: dict[str, forms.Field] = {"basis": forms.ChoiceField(label="依据", choices=choices)}
        self.fields = {**fields, **self.fields}
        if self.kind.may_be_adverse:
            self.fields |= named_fields(self.kind, identified=identified)

    @property
    def basis(self) -> str:
        """What was chosen, as it was posted."""
        return str(self._raw("basis") or "")[:300]

    @property
    def named(self) -> Named:
        """Whom the document names, as it was posted."""
        if NAME_BOX not in self.fields:
            return Named()
        return Named(str(self._raw(NAME_BOX) or "").strip(), str(self._raw(NUMBER_BOX) or "").strip())

    def _clean_fields(self) -> None:
        super()._clean_fields()
        if self.basis not in self.bases:
            self.add_error("basis", "请选择依据：没有依据的信息不得归集。")


def named_fields(kind: ItemKind, *, identified: bool | None) -> dict[str, forms.Field]:
    """Return the boxes for whom the document of an adverse fact names; nothing of them is shown again later.

    `identified`: None for a fact that is not written down yet; only such a one can go to 待核身份.
    """
    when = "" if kind.polarity == "negative" else "查实的"
    again = "身份已核对；文书改动的重新填写" if identified else f"{when}照文书填写"
    number = {None: "文书没有的留空，转入待核身份", False: "文书没有的，不能记入本人档案", True: ""}[
        identified
    ]
    typed = {"autocomplete": "off", "spellcheck": "false"}
    return {
        NAME_BOX: forms.CharField(
            label="文书上的姓名", required=False, widget=forms.TextInput(attrs=typed), help_text=again
        ),
        NUMBER_BOX: forms.CharField(
            label="文书上的证件号码",
            required=False,
            widget=forms.TextInput(attrs={**typed, "class": "num"}),
            help_text=number,
        ),
    }


class NoticeForm(forms.Form):
    """That the person was told of an adverse entry."""

    on = forms.DateField(
        label="告知日期",
        error_messages={"required": "请填写告知日期。", "invalid": "日期不正确，例：2026-03-05。"},
        widget=forms.DateInput(attrs={"class": "num", "autocomplete": "off"}, format="%Y-%m-%d"),
    )
    how = forms.ChoiceField(
        label="送达方式",
        choices=Service.choices,
        error_messages={
            "required": "请选择送达方式。",
            "invalid_choice": "没有这种送达方式，请从列表中选择。",
        },
    )


class ItemFilterForm(forms.Form):
    """Filters of the list of items."""

    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "没有这个年度，请从列表中选择。"},
    )
    kind = forms.ChoiceField(
        label="种类",
        required=False,
        error_messages={"invalid_choice": "没有这个种类，请从列表中选择。"},
    )
    status = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[ANY, *Status.choices],
        error_messages={"invalid_choice": "没有这个状态，请从列表中选择。"},
    )
    delivery = forms.ChoiceField(
        label="报送",
        required=False,
        choices=[ANY, *Delivery.choices],
        error_messages={"invalid_choice": "没有这个报送状态，请从列表中选择。"},
    )
    adverse = forms.ChoiceField(
        label="性质",
        required=False,
        choices=[ANY, ("1", "不利信息"), ("0", "其他")],
        error_messages={"invalid_choice": "请从列表中选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields  # choices depend on who asks
        first = Responsibility.objects.visible_to(actor).select_related("jurisdiction").first()
        years = years_open(first.jurisdiction, today=today) if first else range(today.year, today.year + 1)
        fields["year"].choices = [ANY, *((y, f"{y} 年度") for y in reversed(years))]
        fields["kind"].choices = [
            ANY,
            *((kind.code, kind.label) for kind in _kinds_of(actor, self.data.get("kind"))),
        ]
        if actor.kind == "office":
            # Status and nature follow the draft of a correction: to divide by them would tell what it says.
            del self.fields["status"], self.fields["adverse"]


def _kinds_of(actor: Actor, asked: str | None) -> list[ItemKind]:
    """The kinds that the groups of a unit's member know, whoever writes them, and the one that was asked for, which
    they may have known before; for the office all."""
    if actor.kind == "office":
        return list(kinds)
    groups = occupations_of(actor.jurisdiction_id)
    own = [groups[key] for key in groups if key[0] == actor.agency_id and key[1] in actor.occupations]
    known = {code for group in own for code in (group.whole or group).kinds}
    return [kind for kind in kinds if kind.code in known or kind.code == asked]
