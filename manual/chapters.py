"""The chapters of the manual: what there is to read, and who should read it first."""

from __future__ import annotations

from dataclasses import dataclass

from agencies.models import Role


@dataclass(frozen=True)
class Chapter:
    """One page of the manual. `slug` names its address and template, `roles` are those it was written for."""

    slug: str
    title: str
    summary: str
    roles: frozenset[str] = frozenset()

    @property
    def url_name(self) -> str:
        return f"manual-{self.slug}"

    @property
    def template(self) -> str:
        return f"manual/chapters/{self.slug}.html"


CHAPTERS = (
    Chapter("account", "登录、密码和账号", "第一次登录、改密码、切换身份、锁屏、大字版"),
    Chapter(
        "filler",
        "所属单位填报",
        "学校、医院、企业等单位怎样填写、用表格填、上传材料、提交和修改",
        frozenset({Role.FILLER}),
    ),
    Chapter(
        "clerk",
        "责任单位经办",
        "名册、建档、表格收发、转审核、认定程序、更正、零报告和报备案",
        frozenset({Role.CLERK, Role.AGENCY_ADMIN}),
    ),
    Chapter(
        "reviewer",
        "审核确认",
        "逐份审核、一并确认、退回，认定的决定，在手机上办理",
        frozenset({Role.REVIEWER}),
    ),
    Chapter(
        "office",
        "信用工作机构",
        "归集总览、备案审查、查看档案、平台报送",
        frozenset({Role.OFFICER, Role.OPERATOR}),
    ),
    Chapter("questions", "常见问题", "填不进、交不了、找不到、打不开时怎么办"),
)


def chapters_for(role: str) -> tuple[Chapter, ...]:
    """Return all chapters, those for a role (empty: nobody signed in) first, otherwise in their order."""
    return tuple(sorted(CHAPTERS, key=lambda chapter: role not in chapter.roles))
