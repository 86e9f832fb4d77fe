"""The platform's wires: HTTP with bounded bodies, bounded time and a bounded number of connections."""

import io
import json
import logging
import socket
import socketserver
import sqlite3
import threading
import time
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from delivery.contract import (
    ADDRESS_UNKNOWN,
    HEADER_RECEIPT_SIGNATURE,
    LENGTH_REQUIRED,
    MALFORMED_REQUEST,
    MAX_BODY_BYTES,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    UNAVAILABLE,
)
from delivery.simulator import page
from delivery.simulator.answers import Answer, Refusal, json_bytes
from delivery.simulator.faults import Faults, NoSuchFault
from delivery.simulator.service import Reply, ReplyDropped, Request, SignedService
from delivery.simulator.store import Store

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

logger = logging.getLogger(__name__)

_FAULTS_PATH = "/admin/faults"
_HEALTH_PATH = "/healthz"
_PAGE_PATH = "/"
_STYLE_PATH = "/page.css"
_RESTART_AFTER = 0.5
"""Seconds in which the answer to the button gets away."""
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_MAX_FAULTS_BYTES = 64 * 1024
_MAX_CONNECTIONS = 32
_WRITE_SECONDS = 15.0
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 2 * MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class ServerSettings:
    host: str
    port: int
    read_seconds: float
    allow_faults: bool


class _DeadlineReader(io.RawIOBase):
    """Reads a connection until a fixed moment, so that trickling bytes buys no time."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class PlatformServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One thread per connection, one request per connection. Without a store there is no page."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, settings: ServerSettings, platform: SignedService, faults: Faults, store: Store | None
    ) -> None:
        self.settings, self.platform, self.faults, self.store = settings, platform, faults, store
        self.restarting = False
        self._places = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__((settings.host, settings.port), _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def restart(self) -> None:
        """Stop serving in a moment; whoever runs this server starts the program anew."""
        self.restarting = True
        threading.Timer(_RESTART_AFTER, self.shutdown).start()

    def process_request(
        self, request: "socket.socket | tuple[bytes, socket.socket]", client_address: object
    ) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            logger.warning("connection turned away: %d are open", _MAX_CONNECTIONS)
            self.shutdown_request(request)

    def process_request_thread(
        self, request: "socket.socket | tuple[bytes, socket.socket]", client_address: object
    ) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        logger.info("connection ended early")


class _Handler(BaseHTTPRequestHandler):
    server: PlatformServer
    protocol_version = "HTTP/1.0"
    server_version = "CreditPlatformSimulator/1"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_DeadlineReader(self.connection, self.server.settings.read_seconds))

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing of a request's text goes to the log; the platform logs what it did."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Unreadable requests and other methods, answered in the contract's own form."""
        name = METHOD_NOT_ALLOWED if code in {405, 501} else MALFORMED_REQUEST
        status = 405 if code == 501 else code
        refusal = Refusal(status, name, "请求无法识别，请按报送约定的方法和格式发送。")
        self._write(Reply(refusal.answer(int(time.time()))))

    def _serve(self) -> None:
        try:
            reply = self._reply()
        except ReplyDropped:
            self.close_connection = True
            return
        except Refusal as refusal:
            reply = Reply(refusal.answer(int(time.time())))
        except sqlite3.Error as failure:
            logger.error("the store failed: %s", type(failure).__name__)
            reply = Reply(Refusal(503, UNAVAILABLE, "平台暂时不可用，请稍后再试。").answer(int(time.time())))
        self._write(reply)

    def _reply(self) -> Reply:
        if self.command == "GET" and self.path == _HEALTH_PATH:
            return Reply(Answer(200, json_bytes({"status": "ok"})))
        if self.path == _FAULTS_PATH and self._may_switch_faults():
            return self._switch_faults()
        if self.path == _STYLE_PATH and self._may_switch_faults():
            return Reply(Answer(200, page.CSS), content_type="text/css; charset=utf-8")
        if self.path == _PAGE_PATH and self.server.store is not None and self._may_switch_faults():
            return self._page(self.server.store)
        headers = {name: self.headers.get_all(name) or [] for name in self.headers}
        titled = {name.title(): values for name, values in headers.items()}
        body = self._body(MAX_BODY_BYTES)
        return self.server.platform.handle(Request(self.command, self.path, titled, body))

    def _body(self, limit: int) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            raise Refusal(411, LENGTH_REQUIRED, "请用 Content-Length 说明报文长度，不支持分块传输。")
        lengths = self.headers.get_all("Content-Length") or []
        if not lengths and self.command == "GET":
            return b""
        if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            raise Refusal(411, LENGTH_REQUIRED, "请用一个 Content-Length 说明报文长度。")
        # Compared by digits first: int() of a very long number is refused by Python itself.
        if len(lengths[0]) > 12 or int(lengths[0]) > limit:
            raise Refusal(413, TOO_LARGE, f"报文超过 {limit // 1024} KiB，请拆成多个批次报送。")
        length = int(lengths[0])
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError
        return body

    def _may_switch_faults(self) -> bool:
        """Only where allowed, from this machine, and not at the wish of another site open in the same browser."""
        own = {f"{name}:{self.server.port}" for name in ("127.0.0.1", "localhost")}
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        local = self.client_address[0] == "127.0.0.1" and host in own and origin in {None, f"http://{host}"}
        return self.server.settings.allow_faults and local

    def _page(self, store: Store) -> Reply:
        """Show what is held; a button that was pressed switches its faults first."""
        restarting = False
        if self.command == "POST":
            posted = urllib.parse.parse_qs(self._body(_MAX_FAULTS_BYTES).decode("ascii", "replace"))
            pressed = posted.get("fault", [""])[0]
            if pressed not in page.BUTTONS:
                raise Refusal(404, ADDRESS_UNKNOWN, "没有这个按钮，请回到本页重新选择。")
            if restarting := pressed == page.RESTART:
                self.server.restart()
            self.server.faults.change(page.BUTTONS[pressed][1])
        shown = page.render(store, self.server.faults.settings, restarting=restarting)
        return Reply(Answer(200, shown), content_type="text/html; charset=utf-8")

    def _switch_faults(self) -> Reply:
        if self.command == "POST":
            try:
                wishes = json.loads(self._body(_MAX_FAULTS_BYTES))
                if not isinstance(wishes, dict):
                    raise NoSuchFault("an object of faults and values is expected")
                self.server.faults.change(wishes)
            except (ValueError, RecursionError) as wrong:
                return Reply(Answer(422, json_bytes({"problem": str(wrong)})))
        return Reply(Answer(200, self.server.faults.as_json().encode()))

    def _write(self, reply: Reply) -> None:
        self.close_connection = True
        self.connection.settimeout(_WRITE_SECONDS)
        self.send_response(reply.answer.status)
        self.send_header("Content-Type", reply.content_type)
        if reply.content_type.startswith("text/html"):
            self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Content-Length", str(len(reply.answer.body)))
        self.send_header("Cache-Control", "no-store")
        if reply.signature:
            self.send_header(HEADER_RECEIPT_SIGNATURE, reply.signature)
        self.end_headers()
        self.wfile.write(reply.answer.body)
        self._linger()

    def _linger(self) -> None:
        """Take in what the sender is still sending: closing on unread data would destroy the answer."""
        self.connection.shutdown(socket.SHUT_WR)
        rest = _DeadlineReader(self.connection, _LINGER_SECONDS)
        buffer = bytearray(64 * 1024)
        taken = 0
        while taken < _LINGER_BYTES:
            try:
                received = rest.readinto(buffer)
            except OSError:
                return
            if not received:
                return
            taken += received
