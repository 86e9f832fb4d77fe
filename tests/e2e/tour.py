"""Every page of the product as each role reaches it: what is looked at, measured and photographed."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.e2e.maker import Maker
from tests.e2e.paper import new_teacher
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import Visitor

TEACHER_SEED = 830_000
LAST_YEAR = dt.date.today().year - 1
CHAPTERS = ("account", "filler", "clerk", "reviewer", "office", "questions")
"""Of the manual."""


@dataclass(frozen=True)
class Places:
    """Addresses of what has been made for the tour."""

    draft: str
    submitted: str
    returned: str
    in_review: str
    sealed: str
    corrected: str
    adverse: str
    batch: str
    proceeding: str


@dataclass(frozen=True)
class Stop:
    """A page: the name of its URL, how it is reached (by an address, or by going there), with which status."""

    name: str
    url: str
    path: str | Callable[[Places], str]
    go: Callable[[Visitor], None] | None = None
    status: int = 200

    def reach(self, visitor: Visitor, places: Places) -> None:
        visitor.open(self.path if isinstance(self.path, str) else self.path(places))
        if self.go:
            self.go(visitor)
        assert visitor.statuses[-1] == self.status, f"{self.name}: {visitor.statuses[-1]}"


@dataclass(frozen=True)
class Role:
    """Somebody who goes round: the account (none: nobody signed in) and the pages."""

    username: str
    stops: tuple[Stop, ...] = field(default_factory=tuple)


def _wrong_password(visitor: Visitor) -> None:
    visitor.page.get_by_label("用户名").fill("yunwei-tour")
    visitor.page.get_by_label("密码").fill("Wrong-password-1")
    visitor.press(visitor.button("登录"))


def _wrong_number(visitor: Visitor) -> None:
    teacher = new_teacher(TEACHER_SEED)
    visitor.fill({"name": teacher.name, "document_number": teacher.mistyped})
    visitor.press(visitor.button("建立并填写"))


def _phone_missing(visitor: Visitor) -> None:
    visitor.fill({"phone": ""})
    visitor.act("提交")


def _conflict(visitor: Visitor) -> None:
    visitor.page.locator("[name=revision]").first.evaluate("control => { control.value = '1'; }")
    visitor.fill({"title": "特级教师"})
    visitor.act("保存草稿")


def _question(label: str) -> Callable[[Visitor], None]:
    def ask(visitor: Visitor) -> None:
        visitor.action(label).click()
        visitor.page.get_by_role("dialog").wait_for()

    return ask


def _reuse_one(visitor: Visitor) -> None:
    """The first person of the list who has a record of last year."""
    for path in visitor.page.locator("tbody th a").evaluate_all("links => links.map(link => link.pathname)"):
        visitor.open(path)
        if visitor.page.get_by_role("link", name="沿用上年").count():
            return visitor.follow("沿用上年")
    raise AssertionError("nobody has a record of last year")


def _unfold(visitor: Visitor) -> None:
    """Open what the list folds away on a phone."""
    folded = visitor.page.locator("details.fold:not([open]) > summary")
    while folded.count():
        folded.first.click()


def _find(text: str) -> Callable[[Visitor], None]:
    def look(visitor: Visitor) -> None:
        _unfold(visitor)
        visitor.page.get_by_role("textbox", name="查找人员").fill(text)
        visitor.press(visitor.button("查找"))

    return look


def _hand_on(visitor: Visitor) -> None:
    """Try it with the first draft of the list, as if somebody had changed it since."""
    _unfold(visitor)
    box = visitor.page.locator("tbody input[name=row]").first
    box.evaluate("control => { control.value = control.value.split(':')[0] + ':0'; }")
    box.check()
    visitor.press(visitor.button("提交所选"))


def _unmask(visitor: Visitor) -> None:
    visitor.page.get_by_role("combobox", name="查看事由").select_option(label="联系本人")
    visitor.page.get_by_label("具体说明").fill("通知补交材料")
    visitor.press(visitor.button("显示号码"))


def _first_owed(visitor: Visitor) -> None:
    visitor.press(visitor.page.get_by_role("link", name="签报零报告").first)


def _unsure(visitor: Visitor) -> None:
    _first_owed(visitor)
    visitor.press(visitor.button("签报"))


def _sign_nil_return(visitor: Visitor) -> None:
    """Sign one, or open the one that was signed at an earlier stop."""
    signed = visitor.page.locator("section[aria-labelledby=signed-title] tbody th a")
    if signed.count():
        return visitor.press(signed.first)
    _first_owed(visitor)
    visitor.page.get_by_role("checkbox").check()
    return visitor.press(visitor.button("签报"))


def _first_item(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator("tbody a").first)


def _first_filing(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator("tbody th a").first)


def _first_groups(visitor: Visitor) -> None:
    visitor.press(visitor.page.get_by_role("link", name="增加人群").first)


def _first_notice(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator("tbody button", has_text="催报").last)


def _no_address(visitor: Visitor) -> None:
    visitor.page.get_by_label("电子邮箱").fill("")
    visitor.page.get_by_label("有新通知时发邮件提醒").check()
    visitor.press(visitor.button("保存"))


def _first_group(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator(".heat tbody th a").first)


def give_reason(visitor: Visitor) -> None:
    """An officer who came to the page that asks why, unless the reason given before still holds."""
    if visitor.page.get_by_role("combobox", name="查看事由").count():
        visitor.page.get_by_role("combobox", name="查看事由").select_option(label="监督检查、审计")
        visitor.page.get_by_label("具体说明").fill("年度抽查")
        visitor.press(visitor.button("打开档案"))


def _first_version(visitor: Visitor) -> None:
    _first_item(visitor)
    visitor.follow("第 1 版")


def _item_refused(visitor: Visitor) -> None:
    visitor.press(visitor.button("保存草稿"))


def _silence_too_early(visitor: Visitor) -> None:
    visitor.press(visitor.button("登记陈述申辩"))


def _new_roster(visitor: Visitor) -> None:
    """Print one, or open the one that was printed at an earlier stop."""
    if visitor.page.locator("tbody a").count():
        return visitor.press(visitor.page.locator("tbody a").first)
    return visitor.press(visitor.button("生成名册"))


def _split_one(visitor: Visitor) -> None:
    visitor.page.get_by_role("combobox", name="所属单位").select_option(index=1)
    visitor.page.get_by_label("按所属单位分开").check()
    visitor.press(visitor.button("生成表格"))


def _no_file(visitor: Visitor) -> None:
    visitor.press(visitor.button("上传核对"))


def _lock(visitor: Visitor) -> None:
    visitor.press(visitor.button("锁屏"))


def _empty_member(visitor: Visitor) -> None:
    visitor.press(visitor.button("添加人员"))


def _own_group(visitor: Visitor) -> None:
    """A group that the office put together, now or at an earlier stop."""
    links = visitor.page.get_by_role("link", name="调整或停用")
    if not links.count():
        visitor.follow("增设人群")
        visitor.fill({"label": "养蜂人员", "basis": "安信用办〔2026〕9 号"})
        visitor.page.get_by_role("combobox", name="责任单位").select_option(index=1)
        visitor.press(visitor.button("增设人群"))
        visitor.open("/rules/")
    visitor.press(links.first)


def _empty_reason(visitor: Visitor) -> None:
    visitor.press(visitor.button("立即报送"))


def _empty_employer(visitor: Visitor) -> None:
    visitor.press(visitor.button("添加"))


ROLES: Mapping[str, Role] = {
    "anyone": Role(
        "",
        (
            Stop("sign-in", "sign-in", "/sign-in/"),
            Stop("sign-in-expired", "sign-in", "/sign-in/?expired=1"),
            Stop("sign-in-wrong", "sign-in", "/sign-in/", _wrong_password, 422),
            Stop("help", "manual", "/help/"),
            Stop("catalogue", "catalogue", "/catalogue/"),
            Stop("catalogue-one", "catalogue", "/catalogue/?kind=administrative_penalty"),
            *(Stop(f"help-{one}", f"manual-{one}", f"/help/{one}/") for one in CHAPTERS),
        ),
    ),
    "filler": Role(
        "tianbao",
        (
            Stop("home", "home", "/"),
            Stop("archives", "archive-list", "/archives/"),
            Stop("archives-none", "archive-list", "/archives/?year=2022&status=sealed"),
            Stop("archives-found", "archive-find", "/archives/", _find("w")),
            Stop("archives-find-wrong", "archive-find", "/archives/", _find("0024"), 422),
            Stop("archives-picked", "archive-picked", "/archives/?status=draft", _hand_on),
            Stop("open", "archive-open", "/archives/open/"),
            Stop("open-wrong", "archive-open", "/archives/open/", _wrong_number, 422),
            Stop("reuse", "archive-reuse", "/archives/reuse/"),
            Stop("workbook-out", "workbook-out", "/workbooks/out/"),
            Stop("reuse-one", "record-reuse", "/archives/?status=draft", _reuse_one),
            Stop("draft", "record", lambda places: places.draft),
            Stop("draft-wrong", "record", lambda places: places.draft, _phone_missing, 422),
            Stop("draft-conflict", "record", lambda places: places.draft, _conflict, 409),
            Stop("returned", "record", lambda places: places.returned),
            Stop("submitted", "record", lambda places: places.submitted),
            Stop("items", "item-list", "/items/"),
            Stop("items-none", "item-list", "/items/?year=2022"),
            Stop("item-import", "item-import", "/items/import/"),
            Stop("waiting", "waiting-list", "/items/waiting/"),
            Stop("item-kinds", "item-add", lambda places: f"{places.draft}items/add/"),
            Stop(
                "item-new", "item-add", lambda places: f"{places.draft}items/add/?kind=administrative_penalty"
            ),
            Stop(
                "item-new-wrong",
                "item-add",
                lambda places: f"{places.draft}items/add/?kind=award",
                _item_refused,
                422,
            ),
            Stop("item", "item", "/items/?status=sealed", _first_item),
            Stop("item-version", "item-version", "/items/?status=sealed", _first_version),
            Stop("password", "password", "/password/"),
            Stop("switch", "switch", "/switch/"),
            Stop("not-found", "record", "/records/00000000-0000-7000-8000-000000000000/", None, 404),
            Stop("not-allowed", "members", "/members/", None, 403),
            Stop("not-by-address", "sign-out", "/sign-out/", None, 405),
        ),
    ),
    "clerk": Role(
        "jingban",
        (
            Stop("home", "home", "/"),
            Stop("archives", "archive-list", "/archives/"),
            Stop("open", "archive-open", "/archives/open/"),
            Stop("record", "record", lambda places: places.submitted),
            Stop("record-return", "record", lambda places: places.submitted, _question("退回")),
            Stop("item", "item", "/items/?status=in_review", _first_item),
            Stop("record-correct", "record", lambda places: places.sealed, _question("更正")),
            Stop("identity", "record-check", lambda places: f"{places.sealed}check/"),
            Stop("unmask", "record-unmask", lambda places: f"{places.sealed}unmask/"),
            Stop("unmask-shown", "record-unmask", lambda places: f"{places.sealed}unmask/", _unmask),
            Stop("nil-returns", "nil-return-list", "/nil-returns/"),
            Stop("nil-return-sign", "nil-return-sign", "/nil-returns/", _first_owed),
            Stop("nil-return-unsure", "nil-return-sign", "/nil-returns/", _unsure, 422),
            Stop("nil-return", "nil-return", "/nil-returns/", _sign_nil_return),
            Stop("adverse", "record", lambda places: places.adverse),
            Stop("proceeding", "proceeding", lambda places: places.proceeding),
            Stop("proceeding-wrong", "proceeding", lambda places: places.proceeding, _silence_too_early, 422),
            Stop("letter", "letter", lambda places: f"{places.proceeding}notice/"),
            Stop("letter-receipt", "letter", lambda places: f"{places.proceeding}notice-receipt/"),
            Stop("transfer", "record-transfer", lambda places: f"{places.draft}transfer/"),
            Stop("transfer-propose", "transfer-propose", lambda places: f"{places.sealed}transfer-out/"),
            Stop("transfers", "transfer-list", "/transfers/"),
            Stop("transfers-in", "transfer-list", "/transfers/?side=in"),
            Stop("identities", "identity-list", "/identities/"),
            Stop("identity-claim", "identity-claim", "/identities/claim/"),
            Stop("record-identity", "record-identity", lambda places: f"{places.sealed}identity/"),
            Stop("version", "record-version", lambda places: f"{places.sealed}versions/1/"),
            Stop("versions", "record-versions", lambda places: f"{places.corrected}versions/"),
            Stop("compare", "record-compare", lambda places: f"{places.corrected}versions/compare/?a=1&b=2"),
            Stop("jobs", "job-list", "/jobs/"),
            Stop("roster-counts", "roster", "/roster/"),
            Stop("roster-people", "roster-list", "/roster/people/"),
            Stop("roster-find-wrong", "roster-find", "/roster/people/", _find("0024"), 422),
            Stop("roster-add", "roster-add", "/roster/add/"),
            Stop("roster-imports", "roster-import-list", "/roster/imports/"),
            Stop("rosters", "stamped-roster-list", "/stamped-rosters/"),
            Stop("roster", "stamped-roster", "/stamped-rosters/", _new_roster),
            Stop("workbook-out", "workbook-out", "/workbooks/out/"),
            Stop("uploads", "upload-list", "/workbooks/in/"),
            Stop("uploads-wrong", "upload-list", "/workbooks/in/", _no_file, 422),
            Stop("workbook-out-wrong", "workbook-out", "/workbooks/out/", _split_one, 422),
            Stop("check", "check", "/check/"),
            Stop("filings", "filing-list", "/filings/"),
            Stop("delivery", "delivery-list", "/delivery/"),
            Stop("journal", "journal", "/journal/"),
            Stop("notices", "notice-list", "/notices/"),
            Stop("reminder", "reminder", "/notices/", _first_notice),
            Stop("mails", "notice-mail", "/notices/mail/"),
            Stop("mails-wrong", "notice-mail", "/notices/mail/", _no_address, 422),
            Stop("responsibilities", "responsibilities", "/responsibilities/"),
        ),
    ),
    "reviewer": Role(
        "shenhe",
        (
            Stop("home", "home", "/"),
            Stop("archives", "archive-list", "/archives/"),
            Stop("item", "item", "/items/?status=in_review", _first_item),
            Stop("review", "review", "/review/"),
            Stop("review-confirm", "review-confirm", "/review/confirm/"),
            Stop("review-question", "review-confirm", "/review/confirm/", _question("审核确认所选")),
            Stop("record", "record", lambda places: places.in_review),
            Stop("record-confirm", "record", lambda places: places.in_review, _question("审核确认")),
            Stop("sealed", "record", lambda places: places.sealed),
            Stop("filings", "filing-list", "/filings/"),
            Stop("delivery", "delivery-list", "/delivery/"),
            Stop("journal", "journal", "/journal/"),
            Stop("responsibilities", "responsibilities", "/responsibilities/"),
        ),
    ),
    "admin": Role(
        "guanli",
        (
            Stop("members", "members", "/members/"),
            Stop("members-wrong", "members", "/members/", _empty_member, 422),
            Stop("settlers", "settlers", "/members/predecessors/"),
            Stop("employers", "employers", "/employers/"),
            Stop("handovers", "handover-list", "/handovers/"),
            Stop("handover", "handover", "/handovers/new/"),
            Stop("member-groups", "member-groups", "/members/", _first_groups),
            Stop("employers-wrong", "employers", "/employers/", _empty_employer, 422),
            Stop("journal", "journal", "/journal/"),
            Stop("responsibilities", "responsibilities", "/responsibilities/"),
            Stop("rules", "rules", "/rules/"),
        ),
    ),
    "officer": Role(
        "xinyong",
        (
            Stop("home", "home", "/"),
            Stop("home-last-year", "home", f"/?year={LAST_YEAR}"),
            Stop("progress-group", "progress-group", "/", _first_group),
            Stop("progress-people", "progress-people", f"/progress/people/?what=missing&year={LAST_YEAR}"),
            Stop("progress-none", "progress-people", f"/progress/people/?what=overdue&year={LAST_YEAR}"),
            Stop("notices", "notice-list", "/notices/"),
            Stop("archives", "archive-list", "/archives/"),
            Stop("record-reason", "record-reason", lambda places: f"{places.sealed}reason/"),
            Stop("record", "record", lambda places: places.sealed, give_reason),
            Stop("filings", "filing-list", "/filings/"),
            Stop("filing", "filing", "/filings/", _first_filing),
            Stop("delivery", "delivery-list", "/delivery/"),
            Stop("batch", "batch", lambda places: places.batch),
            Stop("delivery-now", "delivery-now", "/delivery/now/"),
            Stop("delivery-now-wrong", "delivery-now", "/delivery/now/", _empty_reason, 422),
            Stop("state", "state", "/state/"),
            Stop("pairs", "pair-list", "/identities/pairs/"),
            Stop("identity-checks", "identity-checks", "/identity-checks/"),
            Stop("journal", "journal", "/journal/"),
            Stop("responsibilities", "responsibilities", "/responsibilities/"),
            Stop("rules", "rules", "/rules/"),
            Stop("group-new", "group-new", "/rules/groups/new/"),
            Stop("association-new", "association-new", "/rules/associations/new/"),
            Stop("group-change", "group-change", "/rules/", _own_group),
            Stop("group-open", "group-open", "/rules/groups/1/open/"),
        ),
    ),
    "operator": Role(
        "yunwei",
        (
            Stop("home", "home", "/"),
            Stop("state", "state", "/state/"),
            Stop("journal", "platform-journal", "/platform/journal/"),
            Stop("locked", "lock", "/", _lock),
        ),
    ),
}
NO_PAGE = frozenset(
    {
        "set-size",
        "keep-alive",
        "group-succession",
        "member-end",
        "member-reset",
        "settler-end",
        "archive-print",
        "record-autosave",
        "record-validate",
        "filing-submit",
        "filing-receipt",
        "handover-print",
        "transfer-receipt",
        "consent-scan",
        "filing-roster",
        "health",
        "record-evidence",
        "item-evidence",
        "evidence",
        "evidence-remove",
        "item-notice",
        "record-proceeding",
        "letter-pdf",
        "record-print",
        "version-print",
        "blank-print",
        "roster-open",
        "roster-template",
        "stamped-roster-pdf",
        "stamped-roster-scan",
        "job-result",
        "notice-open",
        "notice-all-read",
        "progress-export",
        "reminder-send",
        "upload-answer",
        "upload-remainder",
    }
)
"""URLs that show nothing of their own: they act and lead back, or answer a script."""
NOT_TOURED = frozenset(
    {
        "handover-done",
        "identity",
        "item-reason",
        "job",
        "pair",
        "roster-entry",
        "roster-import",
        "roster-unmask",
        "consent",
        "consent-list",
        "consent-new",
        "transfer",
        "upload",
        "waiting",
    }
)
"""Pages that need something made just before; tests of their own open them."""


def make_places(stack: Stack, maker: Maker) -> Places:
    """Make a record at every stage and have one delivered."""
    stages = ("draft", "submitted", "returned", "in_review", "sealed", "corrected", "adverse")
    made = {stage: maker.make(stage) for stage in stages}
    sql = """SELECT b.id::text FROM delivery_batch b JOIN delivery_batchline l ON l.batch_id = b.id
             WHERE l.record_id = %s AND b.status = 'answered'"""
    ((batch,),) = eventually(
        lambda: stack.query(sql, made["sealed"].part), within=30, what="the sealed record is delivered"
    )
    sql = "SELECT id::text FROM archives_proceeding WHERE part_id = %s"
    ((proceeding,),) = stack.query(sql, made["adverse"].part)
    paths = {stage: record.path for stage, record in made.items()}
    return Places(**paths, batch=f"/delivery/{batch}/", proceeding=f"/proceedings/{proceeding}/")


def file_once(clerk: Visitor) -> None:
    """The clerk files the year's teachers, so that the pages of filings aren't empty."""
    clerk.open("/filings/")
    clerk.press(clerk.button("报备案"))
