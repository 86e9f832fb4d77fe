"""The embedded Valkey: broker and cache. It keeps nothing on disk, the database is the truth."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

from .binaries import Binaries
from .place import Connection, Place
from .processes import Account, spawn


class Valkey:
    """One server process without persistence. The caller holds the launcher's lock."""

    def __init__(self, place: Place, binaries: Binaries, account: Account | None) -> None:
        self.place = place
        self.binaries = binaries
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, connection: Connection) -> None:
        settings = {
            "port": str(connection.valkey_port),
            "bind": "127.0.0.1",
            "requirepass": connection.valkey_password,
            "save": '""',
            "appendonly": "no",
            "dir": "/",
            "proc-title-template": f'"valkey-server {self.place.marker} {{listen-addr}}"',
        }
        # The settings go in by a pipe, since a command line shows its passwords to everyone.
        reading, writing = os.pipe()
        try:
            with self.place.log("valkey").open("ab") as log:
                self.process = spawn(
                    [self.binaries.valkey, "-"],
                    account=self.account,
                    log=log,
                    cwd=self.place.directory,
                    death_signal=signal.SIGTERM,
                    stdin=reading,
                )
            os.write(writing, "".join(f"{name} {value}\n" for name, value in settings.items()).encode())
        finally:
            os.close(reading)
            os.close(writing)

    def exited(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def answers(self, connection: Connection) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", connection.valkey_port), timeout=1) as stream:
                stream.sendall(f"AUTH {connection.valkey_password}\r\nPING\r\n".encode())
                reply = b""
                while b"PONG" not in reply and (chunk := stream.recv(256)):
                    reply += chunk
        except OSError:
            return False
        return b"PONG" in reply

    def stop(self) -> None:
        if self.process is None:
            return
        for sign, patience in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is None:
                self.process.send_signal(sign)
            try:
                self.process.wait(patience)
                return
            except subprocess.TimeoutExpired:
                continue
