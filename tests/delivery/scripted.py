"""A platform that answers whatever a test scripts, also what no honest platform would."""

import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from delivery.simulator.signatures import Caller, Key
from tests.delivery.processes import KEY_ID, SECRET

Script = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request; the script answers it with `answer` or writes to `wfile` itself."""

    server: "ScriptedPlatform"

    def do_GET(self) -> None:
        self.sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.seen.append(self)
        self.server.script(self)

    do_POST = do_GET

    def answer(
        self,
        body: Any,
        *,
        status: int = 200,
        secret: bytes | None = SECRET,
        nonce: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if secret is not None:
            caller = Caller(Key(KEY_ID, secret), nonce or self.headers["X-Credit-Nonce"])
            self.send_header("X-Credit-Receipt-Signature", caller.sign_answer(raw))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        pass


class ScriptedPlatform(HTTPServer):
    def __init__(self, script: Script, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.script, self.seen = script, []
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    seen: list[Exchange]

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "ScriptedPlatform":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._thread.join(timeout=10)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses the certificate or hangs up is what some tests are about."""


def self_signed(folder: Path) -> Path:
    """Certificate and key of 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "platform.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
