"""The platform's own page: what it holds, masked, and its faults at a button's press. For this machine only."""

import json
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from delivery.contract import KIND_ANNUAL_RECORD, KIND_ITEM, KIND_ITEM_WITHDRAWAL
from delivery.simulator.faults import FaultSettings
from delivery.simulator.store import Store

SHOWN = 50
"""Newest rows of each table on the page."""
RESTART = "restart"
CALM: Mapping[str, object] = {
    "delay_before_ms": 0,
    "delay_after_commit_ms": 0,
    "drop_reply_after_commit": 0,
    "fail_with_5xx": 0,
    "reject_every": 0,
    "reject_records": [],
}
BUTTONS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "slow": ("变慢：每次先等 5 秒", {"delay_before_ms": 5000}),
    "fail": ("出错：接下来 3 次请求", {"fail_with_5xx": 3}),
    "drop": ("收下不答复：下 1 批", {"drop_reply_after_commit": 1}),
    "reject": ("部分退回：每 3 条退回 1 条", {"reject_every": 3}),
    RESTART: ("重新启动：停几秒再开", {}),
    "calm": ("恢复正常", CALM),
}
"""Buttons by the value they post: words, and faults that they switch."""
_WORDS: Mapping[str, Callable[[int], str]] = {
    "delay_before_ms": lambda n: f"每次先等 {n / 1000:g} 秒",
    "delay_after_commit_ms": lambda n: f"收下后等 {n / 1000:g} 秒才答复",
    "drop_reply_after_commit": lambda n: f"接下来 {n} 批收下不答复",
    "fail_with_5xx": lambda n: f"接下来 {n} 次请求出错",
    "reject_every": lambda n: f"每 {n} 条退回 1 条",
}
_KINDS = {KIND_ANNUAL_RECORD: "年度记录", KIND_ITEM: "条目", KIND_ITEM_WITHDRAWAL: "条目撤回"}
_VERSIONS = """
SELECT v.received_at, coalesce(g.label, '—'), v.year, coalesce(a.label, '—'), v.kind, v.version,
       v.version = r.version, v.payload
FROM versions v JOIN records r USING (record_id)
LEFT JOIN labels g ON g.kind = 'group' AND g.code = v.group_code
LEFT JOIN labels a ON a.kind = 'agency' AND a.code = v.agency_code
ORDER BY v.received_at DESC, v.record_id, v.version DESC LIMIT ?"""
_BATCHES = "SELECT received_at, receipt_no, receipt FROM batches ORDER BY seq DESC LIMIT ?"
CSS = Path(__file__).with_name("page.css").read_bytes()
_RESTARTING = "正在重新启动，几秒后本页自动恢复。"


def render(store: Store, faults: FaultSettings, *, restarting: bool = False) -> bytes:
    """Return the page as HTML: figures, faults in force, newest batches and versions. Names and numbers are masked."""
    ((batches, versions, records),) = store.rows(
        "SELECT (SELECT count(*) FROM batches), (SELECT count(*) FROM versions), (SELECT count(*) FROM records)"
    )
    again = '<meta http-equiv="refresh" content="5;url=/">' if restarting else ""
    parts = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'{again}<title>市级平台（模拟）</title><link rel="icon" href="data:,">',
        '<link rel="stylesheet" href="/page.css"></head><body>',
        "<header><h1>市级信用平台（模拟）</h1><p>演示和测试用，不是真实平台。姓名和证件号码已遮盖。</p></header><main>",
        f'<p role="status" class="told">{_RESTARTING}</p>' if restarting else "",
        f"<p>已收 <b>{batches:,}</b> 批，生效 <b>{versions:,}</b> 版，档案和条目 <b>{records:,}</b> 条。</p>",
        _faults(faults),
        _table(
            "最近收到的批次",
            ("收到时间", "回执号", "条数", "接收", "退回"),
            [_batch(*row) for row in store.rows(_BATCHES, SHOWN)],
        ),
        _table(
            "最近生效的版本",
            ("收到时间", "人群", "年度", "责任单位", "种类", "版本", "姓名", "证件号码"),
            [_version(*row) for row in store.rows(_VERSIONS, SHOWN)],
        ),
        "</main></body></html>",
    ]
    return "\n".join(parts).encode()


def mask_name(name: str) -> str:
    """Keep the first character."""
    return name[:1] + "＊" * (len(name) - 1)


def mask_number(number: str) -> str:
    """Keep six characters in front and four behind, nothing of a short one."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:] if len(number) > 12 else "*" * len(number)


def _faults(settings: FaultSettings) -> str:
    now = [say(value) for name, say in _WORDS.items() if (value := int(getattr(settings, name)))]
    if settings.reject_records:
        now.append(f"退回指定的 {len(settings.reject_records)} 条")
    buttons = "".join(
        f'<button name="fault" value="{value}">{escape(words)}</button>'
        for value, (words, _) in BUTTONS.items()
    )
    told = "；".join(now) or "没有，平台正常"
    return (
        f'<section><h2>故障演示</h2><p>现在的故障：<b>{escape(told)}</b></p><form method="post" action="/">'
        f"{buttons}</form></section>"
    )


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    body = body or f'<tr><td colspan="{len(heads)}">还没有</td></tr>'
    return (
        f'<section><h2>{escape(title)}</h2><div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}，'
        f'可左右滚动"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _batch(received_at: str, receipt_no: str, receipt: bytes) -> tuple[str, ...]:
    counts = json.loads(receipt)["counts"]
    return (
        _moment(received_at),
        receipt_no,
        *(f"{counts[name]:,}" for name in ("total", "accepted", "rejected")),
    )


def _version(
    received_at: str, group: str, year: int, agency: str, kind: str, version: int, stands: int, payload: str
) -> tuple[str, ...]:
    values = json.loads(payload)
    return (
        _moment(received_at),
        group,
        str(year),
        agency,
        _KINDS.get(kind, "其他"),
        f"第 {version} 版{'（现行）' if stands else ''}",
        mask_name(str(values.get("XM") or "")),
        mask_number(str(values.get("ZJHM") or "")),
    )


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")
