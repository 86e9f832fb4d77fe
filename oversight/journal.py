"""The journal as people read it: words for its codes, filters, a page for the county and one for the platform."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.models import Role
from audit.models import Event
from credit_platform.tenancy.context import PLATFORM, acting
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

VERBS = {
    "record.opened": "建立年度记录",
    "record.saved": "保存草稿",
    "record.submitted": "提交，待经办",
    "record.submitted_for_review": "提交审核",
    "record.passed_on": "转审核",
    "record.returned": "退回",
    "record.sealed": "审核确认",
    "record.correction_started": "开始更正",
    "record.correction_given_up": "放弃更正",
    "record.accepted": "平台已接收",
    "record.rejected": "平台退回",
    "proceeding.opened": "启动认定程序",
    "proceeding.renewed": "重新制作告知书",
    "proceeding.notified": "事前告知",
    "proceeding.heard": "登记陈述申辩",
    "proceeding.upheld": "决定认定",
    "proceeding.dropped": "不予认定",
    "proceeding.served": "送达认定决定书",
    "proceeding.withdrawn": "撤回认定程序",
    "proceeding.revoked": "撤销认定决定",
    "proceeding.sealed": "认定经审核确认",
    "proceeding.read": "查看认定程序",
    "letter.read": "查看认定文书",
    "record.read": "查看记录",
    "record.listed": "查看名单",
    "record.searched": "查找人员",
    "record.unmasked": "查看完整号码",
    "record.printed": "打印档案",
    "workbook.exported": "导出填报表格",
    "item.opened": "添加条目",
    "item.saved": "保存条目",
    "item.submitted": "条目提交，待经办",
    "item.submitted_for_review": "条目提交审核",
    "item.passed_on": "条目转审核",
    "item.returned": "条目退回",
    "item.notified": "登记告知本人",
    "item.sealed": "条目审核确认",
    "item.correction_started": "条目开始更正",
    "item.revocation_proposed": "提出撤销条目",
    "item.revoked": "条目撤销",
    "item.kept": "条目不予撤销",
    "item.accepted": "条目平台已接收",
    "item.rejected": "条目平台退回",
    "item.destroyed": "条目到期清除",
    "item.given_up": "条目草稿作废",
    "item.untaken": "条目平台不收",
    "item.identity_differs": "文书当事人与档案不一致",
    "item.imported": "条目表格写入",
    "waiting.put_aside": "转入待核身份",
    "waiting.attached": "待核身份记入档案",
    "waiting.dropped": "待核身份作废",
    "waiting.expired": "待核身份到期作废",
    "waiting.read": "查看待核身份",
    "waiting.listed": "查看待核身份名单",
    "item.read": "查看条目",
    "item.listed": "查看条目名单",
    "evidence.attached": "上传证明材料",
    "evidence.removed": "移除证明材料",
    "evidence.read": "查看证明材料",
    "job.queued": "发起后台任务",
    "job.started": "后台任务开始",
    "job.taken_up_again": "后台任务重新开始",
    "job.done": "后台任务完成",
    "job.failed": "后台任务未完成",
    "job.cancelled": "取消后台任务",
    "job.fetched": "下载任务结果",
    "archive.transferred": "人员调动",
    "archive.left": "登记离岗",
    "archive.back": "登记返岗",
    "transfer.proposed": "提出转出",
    "transfer.sent": "转出经审核确认",
    "transfer.returned": "转出退回",
    "transfer.withdrawn": "撤回转出",
    "transfer.lapsed": "转出逾期失效",
    "transfer.arrived": "收到转入",
    "transfer.taken_back": "转出单位撤回转入",
    "transfer.checked": "核对转入人员",
    "transfer.differs": "转入人员核对不符",
    "transfer.received": "接收转入并出具回执",
    "transfer.receipt": "转出收到回执",
    "transfer.refused": "退回转入",
    "transfer.blocked": "转入停办",
    "transfer.ended": "转出被退回或停办",
    "transfer.sheet_corrected": "移交内容已更正",
    "transfer.sheet_withdrawn": "移交内容已撤回",
    "transfer.read": "查看转出转入",
    "transfer.listed": "查看转出转入名单",
    "transfer.printed": "打印转入回执",
    "association.added": "登记行业协会、商会",
    "consent.recorded": "登记会员同意书",
    "consent.withdrawn": "会员撤回同意",
    "consent.listed": "查看会员同意书名单",
    "consent.read": "查看会员同意书",
    "consent.fetched": "下载会员同意书",
    "record.recalled": "年度记录随同意撤回",
    "item.recalled": "条目随同意撤回",
    "handover.done": "工作交接",
    "handover.printed": "打印交接清单",
    "person.registered": "登记人员",
    "check.asked": "要求核验身份",
    "check.sent": "向人口库核验身份",
    "check.answered": "身份核验答复",
    "check.settled": "人工核实身份",
    "check.read": "查看身份核验",
    "person.name_differs": "证件号码与姓名不符",
    "identity.proposed": "申请身份事项",
    "identity.confirmed": "身份事项审核确认",
    "identity.refused": "身份事项不予办理",
    "identity.withdrawn": "撤回身份事项",
    "identity.referred": "身份事项转信用工作机构",
    "identity.found": "提出身份核实意见",
    "identity.finding_confirmed": "复核身份核实意见",
    "identity.finding_returned": "退回身份核实意见",
    "identity.asked": "要求更正身份",
    "identity.ask_met": "已按要求更正或核对身份",
    "identity.claim_free": "提请核实的号码没有登记为他人",
    "identity.differs": "身份材料与申请不一致",
    "identity.read": "查看身份事项",
    "identity.listed": "查看身份事项名单",
    "archive.identity_corrected": "更正档案身份",
    "record.identity_corrected": "更正身份，记录生成新版",
    "item.identity_corrected": "更正身份，条目生成新版",
    "roster_entry.corrected": "更正名册人员身份",
    "pair.listed": "查看可能重复的人员",
    "pair.read": "对照可能重复的人员",
    "pair.proposed": "提出合并人员",
    "pair.merged": "合并人员",
    "pair.declined": "不同意合并人员",
    "pair.kept_apart": "记为不同的人",
    "pair.reconsidered": "重新判断人员重复",
    "pair.merge_undone": "撤销合并人员",
    "roster.printed": "打印盖章名册",
    "roster.read": "查看盖章名册",
    "roster.scanned": "上传盖章名册扫描件",
    "roster.fetched": "下载盖章名册扫描件",
    "roster.stamped": "确认名册盖章",
    "roster.voided": "名册作废",
    "roster.recalled": "名册因会员撤回同意作废",
    "version.checked": "核对查验码",
    "roster_entry.joined": "列入应建档名册",
    "roster_entry.moved": "名册变更所属单位",
    "roster_entry.left": "移出应建档名册",
    "roster_entry.read": "查看名册人员",
    "roster_entry.listed": "查看应建档名册",
    "roster_import.read": "名册核对完成",
    "roster_import.read_result": "查看名册核对结果",
    "roster_import.accepted": "确认导入名册",
    "roster_import.resumed": "继续办理名册导入",
    "roster_import.written": "写入名册",
    "roster_import.done": "名册导入完成",
    "roster_import.refused": "名册不能导入",
    "roster_import.cancelled": "放弃导入名册",
    "upload.read": "表格核对完成",
    "upload.read_result": "查看表格核对结果",
    "upload.fetched": "下载标注问题的表格",
    "upload.accepted": "确认写入表格",
    "upload.resumed": "继续办理表格导入",
    "upload.written": "表格内容写入草稿",
    "upload.done": "表格导入完成",
    "upload.stopped": "表格写入中止",
    "upload.refused": "表格不能导入",
    "upload.cancelled": "放弃导入表格",
    "upload.expired": "表格导入到期清除",
    "nil_return.signed": "签报零报告",
    "nil_return.confirmed": "确认零报告",
    "nil_return.withdrawn": "撤回零报告",
    "nil_return.voided": "零报告作废",
    "membership.groups_given": "增加可办理人群",
    "group.added": "增设人群",
    "group.changed": "调整人群",
    "group.closed": "停用人群",
    "roster.handed_over": "移交名册",
    "pack.loaded": "载入地方规则",
    "group.opened": "开放人群建档",
    "filing.submitted": "报备案",
    "filing.resubmitted": "重新报备",
    "filing.filed": "予以备案",
    "filing.returned": "备案退回补正",
    "filing.list_printed": "打印备案名单",
    "delivery.ordered_now": "安排立即报送",
    "delivery.ordered_again": "安排再次报送",
    "delivery.order_done": "报送安排已执行",
    "reminder.sent": "催报",
    "progress.listed": "查看归集名单",
    "notice.mail_chosen": "设置邮件提醒",
    "batch.answered": "批次回执",
    "batch.refused": "批次整批退回",
    "membership.started": "任职开始",
    "membership.ended": "任职结束",
    "membership.settling": "承接单位事务",
    "employer.added": "添加所属单位",
    "account.password_reset": "重置密码",
    "access.denied": "越权访问被拒绝",
    "account.signed_in": "登录",
    "account.signed_out": "退出",
    "account.sign_in_failed": "登录失败",
    "account.locked_out": "登录被锁定",
    "account.sign_in_limited": "登录被限制",
    "account.unlock_failed": "解锁失败",
    "account.password_changed": "修改密码",
    "account.password_failed": "修改密码失败",
    "account.operator_started": "运维任职开始",
    "account.operator_ended": "运维任职结束",
}
LAST_DAY = dt.date(9999, 12, 30)
"""Its next day still exists."""
WRONG_DAY = "日期不正确，例：2026-03-05。"
COUNTY_VERBS = [verb for verb in VERBS if not verb.startswith("account.") or verb == "account.password_reset"]
PLATFORM_VERBS = [verb for verb in VERBS if verb.startswith("account.") or verb == "access.denied"]


class JournalFilterForm(forms.Form):
    """Which acts, by whom, on which days."""

    verb = forms.ChoiceField(
        label="行为",
        required=False,
        error_messages={"invalid_choice": "没有这种行为，请从列表中选择。"},
    )
    name = forms.CharField(
        label="操作人",
        required=False,
        max_length=50,
        error_messages={
            "max_length": "操作人姓名最多 50 个字，请精简后重新填写。",
            "null_characters_not_allowed": "操作人姓名含有无法识别的字符，请重新填写。",
        },
    )
    since = forms.DateField(
        label="起",
        required=False,
        error_messages={"invalid": WRONG_DAY},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label="止",
        required=False,
        error_messages={"invalid": WRONG_DAY},
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, verbs: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "全部"), *((verb, VERBS[verb]) for verb in verbs)]
        self.fields["verb"].choices = choices  # type: ignore[attr-defined]


@access(Role.CLERK, Role.REVIEWER, Role.AGENCY_ADMIN, Role.OFFICER)
@require_GET
def journal(request: Any) -> HttpResponse:
    """The acts of the agency, or of the county for the office."""
    return _page(request, Event.objects.visible_to(request.actor), COUNTY_VERBS, "操作日志")


@access(Role.OPERATOR)
@require_GET
def platform_journal(request: Any) -> HttpResponse:
    """Signing in and out, which belongs to no county: the operator's own journal."""
    with acting(PLATFORM, "job"):
        return _page(request, Event.objects.all(), PLATFORM_VERBS, "平台日志")


def _page(request: Any, events: Any, verbs: list[str], title: str) -> HttpResponse:
    form = JournalFilterForm(request.GET or None, verbs=verbs)
    filters = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if form.errors:
        events = events.none()  # the whole journal would pass for what was asked for
    if filters.get("verb"):
        events = events.filter(verb=filters["verb"])
    if filters.get("name"):
        events = events.filter(actor_name=filters["name"])
    if filters.get("since"):
        events = events.filter(at__gte=_midnight(filters["since"]))
    if filters.get("until"):
        events = events.filter(at__lt=_midnight(min(filters["until"], LAST_DAY) + dt.timedelta(days=1)))
    page = keyset_page(request, events, order="at", descending=True)
    rows = [
        {"event": event, "word": VERBS.get(event.verb, event.verb), "at": timezone.localtime(event.at)}
        for event in page.rows
    ]
    context = {
        "title": title,
        "filter_form": form,
        "filtered": bool(form.errors) or any(filters.values()),
        "rows": rows,
        "pager": page,
    }
    return render(request, "oversight/journal.html", context)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
