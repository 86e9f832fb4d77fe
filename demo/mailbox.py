"""A mail server of the demonstration: takes every mail by SMTP, sends none on, and shows what it took on a page.

Knows nothing of Django. A mail that comes twice (same Message-ID) is kept once. `python -m demo.mailbox --help`
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import html
import signal
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

MOST_SHOWN = 100
_CHINA = dt.timezone(dt.timedelta(hours=8))
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>演示邮箱</title></head><body>
<h1>演示邮箱</h1><p>演示系统发出的邮件都收在这里，不会发到外面。共 {count} 封。</p>{mails}</body></html>"""


class Keeper:
    """Takes mails (aiosmtpd calls `handle_DATA`) and keeps each as a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail, then say so."""
        content: bytes = envelope.content
        name = str(message_from_bytes(content).get("Message-ID", "")) or hashlib.sha256(content).hexdigest()
        file = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.eml"
        partial = file.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(file)
        return "250 kept"

    def mails(self) -> list[EmailMessage]:
        """Return what was kept, the newest first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def page(mails: list[EmailMessage]) -> str:
    """Return the page that shows mails."""
    return _PAGE.format(count=len(mails), mails="".join(_shown(mail) for mail in mails[:MOST_SHOWN]))


def _shown(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = html.escape(body.get_content() if body else "").strip().replace("\n", "<br>")
    head = html.escape(f"{_when(mail)}　收件人 {mail['To'] or ''}")
    return f"<h2>{html.escape(mail['Subject'] or '')}</h2><p>{head}</p><p>{text}</p>"


def _when(mail: EmailMessage) -> str:
    """The mail's own time, as clocks in China show it."""
    sent = getattr(mail["Date"], "datetime", None)
    return f"{sent.astimezone(_CHINA):%Y-%m-%d %H:%M}" if sent else ""


def serve(keeper: Keeper, *, smtp: int, web: int) -> tuple[Controller, ThreadingHTTPServer]:
    """Start both servers on 127.0.0.1 and return them; each has threads of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = page(keeper.mails()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: who looks at the demonstration's mails is of no interest."""

    controller = Controller(keeper, hostname="127.0.0.1", port=smtp)
    controller.start()
    pages = ThreadingHTTPServer(("127.0.0.1", web), Page)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    return controller, pages


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="The demonstration's mail server.")
    parser.add_argument("--smtp", type=int, required=True, help="port for mails")
    parser.add_argument("--web", type=int, required=True, help="port of the page")
    parser.add_argument("--folder", type=Path, required=True, help="where mails are kept")
    options = parser.parse_args()
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    controller, pages = serve(Keeper(options.folder), smtp=options.smtp, web=options.web)
    stop.wait()
    pages.shutdown()
    controller.stop()


if __name__ == "__main__":
    main()
