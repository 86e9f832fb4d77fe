"""One HTTP exchange that ends in time: whole-exchange deadlines, bounded answers, no redirects, no proxies.

http.client's own timeout counts from byte to byte, so a peer that trickles could hold a worker for hours.
Here every wait gets what is left until the deadline. (Looking up a host name is the resolver's own wait.)
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 16 * 1024
"""One TLS record: `SSLSocket.sendall` renews its timeout for each, so each gets its own."""


class NoAnswer(Exception):
    """The exchange ended without a usable answer; the message says how.

    `left` is False when not even a connection came about: nothing can have arrived.
    """

    def __init__(self, message: str, *, left: bool = True) -> None:
        super().__init__(message)
        self.left = left


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where a platform lives; `prefix` stands before /v1 and is signed with the rest of the path."""

    secure: bool
    host: str
    port: int
    prefix: str

    @classmethod
    def parse(cls, base_url: str) -> "Address":
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the platform's address must begin with http:// or https:// and name a host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the platform's address must hold no user name, query or fragment")
        secure = parts.scheme == "https"
        return cls(secure, parts.hostname, parts.port or (443 if secure else 80), parts.path.rstrip("/"))

    @property
    def loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, giving each wait only the time that is left."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._sock.settimeout(_time_left(self._deadline))
        return self._sock.recv_into(buffer)


class _ReadOnlySocket:
    """The one method of a socket that HTTPResponse uses."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._reader = _DeadlineReader(sock, deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


def exchange(
    address: Address,
    *,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout: tuple[float, float],
    tls: ssl.SSLContext | None,
    max_answer: int,
) -> Answer:
    """One request on a connection of its own; `timeout` is (to connect, for all the rest), in seconds."""
    connection = _connection(address, timeout[0], tls)
    left = False
    try:
        connection.connect()
        left = True
        deadline = time.monotonic() + timeout[1]
        _send(connection, method, target, headers, body, deadline)
        return _receive(connection, method, deadline, max_answer)
    except TimeoutError as late:
        raise NoAnswer("timed out", left=left) from late
    except ssl.SSLError as untrusted:
        raise NoAnswer(
            f"TLS failed: {untrusted.reason or type(untrusted).__name__}", left=left
        ) from untrusted
    except (OSError, http.client.HTTPException) as broken:
        raise NoAnswer(f"connection failed: {type(broken).__name__}", left=left) from broken
    finally:
        connection.close()


def _connection(address: Address, timeout: float, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    if address.secure:
        return http.client.HTTPSConnection(address.host, address.port, timeout=timeout, context=tls)
    return http.client.HTTPConnection(address.host, address.port, timeout=timeout)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    deadline: float,
) -> None:
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Accept", "application/json")
    connection.putheader("Connection", "close")
    if method == "POST":
        connection.putheader("Content-Length", str(len(body)))
    connection.sock.settimeout(_time_left(deadline))
    connection.endheaders()
    for start in range(0, len(body), _CHUNK):
        connection.sock.settimeout(_time_left(deadline))
        connection.send(body[start : start + _CHUNK])


def _receive(connection: http.client.HTTPConnection, method: str, deadline: float, max_answer: int) -> Answer:
    timed = _ReadOnlySocket(connection.sock, deadline)
    response = http.client.HTTPResponse(cast("socket.socket", timed), method=method)
    try:
        response.begin()
        body = response.read(max_answer + 1)
        if len(body) > max_answer:
            raise NoAnswer(f"the answer is larger than {max_answer} bytes")
        return Answer(response.status, response.headers, body)
    finally:
        response.close()


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
