"""What an archive holds, part by part, in the order in which the notices list it.

`Content` ties together the sections of the yearly form and the kinds of dated fact 信用信息条目 that belong
under one heading. The six headings common to all groups are those of 安县信用办〔2022〕5号, part 三(二)
(AY-03 to AY-08); the sixteen of 赣市信用联席办字〔2022〕19号, part 二 (GZ-06), are chosen from by `profile`.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Content:
    """One heading: its code (AY-03 … AY-08, or E1 … E16), sections by name and kinds of item by code."""

    code: str
    label: str
    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def kinds_of(contents: tuple[Content, ...]) -> tuple[str, ...]:
    """The codes of all kinds under these headings, each once, in order."""
    return tuple(dict.fromkeys(kind for content in contents for kind in content.kinds))


_BREACHES = ("law_breach", "discipline_breach", "contract_breach", "judgment_defaulter")
_REWARDS_AND_SANCTIONS = ("award", "honour", "good_record", "administrative_penalty", "discipline")
_OTHER = ("credit_commitment",)
_EMPLOYMENT = (
    "qualification", "administrative_licence", "qualification_change", "annual_assessment", "training",
)  # fmt: skip
OTHER_LABEL = "其他能反映其信用状况的信息"

SIX_CONTENTS: tuple[Content, ...] = (
    Content("AY-03", "个人基本信息", ("identity",)),
    Content("AY-04", "从业信息", ("employment",), _EMPLOYMENT),
    Content("AY-05", "奖惩情况信息", (), (*_REWARDS_AND_SANCTIONS, "industry_sanction")),
    Content("AY-06", "相关违法违纪违约信息", (), _BREACHES),
    Content("AY-07", "受到投诉申诉情况信息", (), ("complaint",)),
    Content(
        "AY-08", OTHER_LABEL, (), ("supervision", "spot_check", "sector_rating", "credit_commitment", "public_welfare")
    ),
)  # fmt: skip

GANZHOU = {
    content.code: content
    for content in (
        Content("E1", "个人基本信息", ("identity",)),
        Content("E2", "从业履历", ("employment",), ("administrative_licence", "qualification_change")),
        Content("E3", "业务信息", ("business",), ("business_record",)),
        Content("E4", "社会服务信息", ("social_service",), ("social_service",)),
        Content("E5", "廉政记录", (), ("integrity", "discipline")),
        Content("E6", "奖惩情况", (), _REWARDS_AND_SANCTIONS),
        Content("E7", "年度考核结果", (), ("annual_assessment",)),
        Content("E8", "职业信用记录", (), ("sector_rating", "supervision", "spot_check")),
        Content("E9", "执业处罚情况", (), ("industry_sanction",)),
        Content("E10", "资质认定", ("qualification",), ("qualification", "qualification_change")),
        Content("E11", "职业规范遵守情况", (), ("professional_conduct",)),
        Content("E12", "相关违法违纪违约行为", (), _BREACHES),
        Content("E13", "收到投诉申诉情况", (), ("complaint",)),
        Content("E14", "教育培训记录", (), ("training",)),
        Content("E15", "参加社会公益活动情况", (), ("public_welfare",)),
        Content("E16", OTHER_LABEL, (), _OTHER),
    )
}


def profile(*contents: str | Content) -> tuple[Content, ...]:
    """The contents of one of Ganzhou's archives in the order of the notice, e.g. `profile("E1", "E2", "E16")`.

    A `Content` stands where the notice's words or kinds for the group differ (`other`, `adapted`). Where the
    notice names no E14, training stands under E16: other places ask for it about all key groups (LL-31).
    """
    chosen = tuple(GANZHOU[content] if isinstance(content, str) else content for content in contents)
    if any(content.code == "E14" for content in chosen):
        return chosen
    return tuple(
        replace(content, kinds=(*content.kinds, "training")) if content.code == "E16" else content
        for content in chosen
    )


def other(label: str, *kinds: str) -> Content:
    """E16 in the words of one group, with its own kinds before those common to all."""
    return Content("E16", label, (), (*kinds, *_OTHER))


def adapted(code: str, *, label: str = "", without: tuple[str, ...] = ()) -> Content:
    """One of the sixteen in other words, or without some of its kinds."""
    content = GANZHOU[code]
    kinds = tuple(kind for kind in content.kinds if kind not in without)
    return replace(content, label=label or content.label, kinds=kinds)


def common(*kinds: str) -> tuple[Content, ...]:
    """The six contents, with kinds of the group's own before the others under AY-08."""
    *five, last = SIX_CONTENTS
    return (*five, replace(last, kinds=(*kinds, *last.kinds)))
