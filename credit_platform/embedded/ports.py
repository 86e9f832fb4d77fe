"""Free TCP ports on 127.0.0.1.

Taken from below the range out of which the kernel serves outgoing connections, so that no passing connection
sits on a server's port during the second in which the server is being restarted.
"""

from __future__ import annotations

import secrets
import socket

from .errors import ServiceUnavailable

_FIRST, _LAST = 20000, 32000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    for _ in range(200):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if is_free(port):
            return port
    raise ServiceUnavailable(
        f"No free port between {_FIRST} and {_LAST} on 127.0.0.1: stop the programs that hold them, "
        "or set DATABASE_URL and REDIS_URL."
    )
