"""Dated facts by workbook: a sheet for each kind goes out, comes back, is judged row by row, and becomes drafts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from agencies.models import Role
from archives.forms import FilingForm
from archives.services.item_uploads import FactRow, import_facts, write_fact_template
from archives.workbooks import Unreadable
from archives.workbooks.facts import MOST_FACTS
from audit.lifecycle import Refused
from credit_platform.web.access import access
from credit_platform.web.uploads import oversized, takes_files

LARGEST = 5 * 1024 * 1024
OUTCOMES = {
    "draft": "草稿",
    "evidence": "草稿，待上传证明材料",
    "waiting": "转入待核身份",
    "refused": "需更正",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access(Role.FILLER, Role.CLERK)
@takes_files(LARGEST)
@require_http_methods(["GET", "POST"])
def item_import(request: Any) -> HttpResponse:
    """Hand out the workbook, judge one that came back, or write what it says."""
    form = FilingForm(request.POST or None, actor=request.actor, today=timezone.localdate())
    action = request.POST.get("action", "")
    rows: list[FactRow] = []
    if request.method == "POST" and form.is_valid():
        if action == "template":
            return _template(form)
        rows = _judged(request, form, apply=action == "write")
    counts = {label: sum(row.outcome == code for row in rows) for code, label in OUTCOMES.items()}
    context = {
        "form": form,
        "rows": [_shown(row) for row in rows],
        "counts": [(label, count) for label, count in counts.items() if count],
        "written": bool(rows) and action == "write",
        "most": MOST_FACTS,
        "limit": LARGEST // 1024 // 1024,
    }
    return render(request, "archives/item_import.html", context, status=422 if form.errors else 200)


def _judged(request: Any, form: FilingForm, *, apply: bool) -> list[FactRow]:
    """The rows of the file that came; what is wrong with it as a whole stands in the form."""
    file = request.FILES.get("file")
    if file is None:
        too_long = oversized(request)
        why = (
            f"文件超过 {LARGEST // 1024 // 1024} MB。请分成几个文件上传。"
            if too_long
            else "请选择填好的表格。"
        )
        form.add_error(None, why)
        return []
    with tempfile.NamedTemporaryFile() as kept:
        for piece in file.chunks():
            kept.write(piece)
        kept.flush()
        try:
            rows = import_facts(
                path=Path(kept.name),
                name=file.name or "",
                responsibility=form.cleaned_data["responsibility"],
                year=form.cleaned_data["year"],
                actor=request.actor,
                today=timezone.localdate(),
                apply=apply,
            )
        except Unreadable as wrong:
            form.add_error(None, wrong.problem.message)
            return []
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return []
    if apply:
        _say(request, rows)
    else:
        messages.info(request, "这是核对结果，还没有写入。没有问题的，请再次选择文件，按“写入草稿”。")
    return rows


def _say(request: Any, rows: list[FactRow]) -> None:
    """What came of writing."""
    written = [row for row in rows if row.outcome != "refused"]
    left = len(rows) - len(written)
    rest = f"{left} 行没有写入，原因在下面的表中。" if left else ""
    if not written:
        messages.error(request, f"没有写入：{rest}")
        return
    evidence = any(row.outcome == "evidence" for row in written)
    hint = "不利信息须上传证明材料后才能提交。" if evidence else ""
    messages.success(request, f"已写入 {len(written)} 条。{rest}{hint}")


def _template(form: FilingForm) -> HttpResponse:
    responsibility = form.cleaned_data["responsibility"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "facts.xlsx"
        write_fact_template(target, responsibility=responsibility)
        response = HttpResponse(target.read_bytes(), content_type=_XLSX)
    name = f"{responsibility.label}条目填报表格.xlsx"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _shown(row: FactRow) -> dict[str, Any]:
    return {
        "row": row,
        "outcome": OUTCOMES[row.outcome],
        "url": reverse("item", args=[row.item]) if row.item else "",
    }
