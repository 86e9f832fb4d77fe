"""SM3 and HMAC-SM3 for the receiving side, and the check of a signed request.

HMAC is written out here (RFC 2104), on purpose not shared with the sender.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

from delivery.contract import (
    BAD_SIGNATURE,
    CLOCK_SKEW_SECONDS,
    HEADER_KEY,
    HEADER_NONCE,
    HEADER_SIGNATURE,
    HEADER_TIMESTAMP,
    KEY_ID_PATTERN,
    MALFORMED_REQUEST,
    MAX_NONCE_BYTES,
    MIN_NONCE_BYTES,
    STALE_TIMESTAMP,
    UNKNOWN_KEY,
)
from delivery.simulator.answers import Refusal

_BLOCK = 64
_HEADER_SHAPES = {
    HEADER_KEY: re.compile(KEY_ID_PATTERN),
    HEADER_TIMESTAMP: re.compile("[0-9]{1,12}"),
    HEADER_NONCE: re.compile(f"(?:[0-9a-f]{{2}}){{{MIN_NONCE_BYTES},{MAX_NONCE_BYTES}}}"),
    HEADER_SIGNATURE: re.compile("[0-9a-f]{64}"),
}


def sm3_by_openssl(content: bytes) -> bytes:
    return hashlib.new("sm3", content).digest()


def sm3_by_cryptography(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


sm3: Callable[[bytes], bytes] = (
    sm3_by_openssl if "sm3" in hashlib.algorithms_available else sm3_by_cryptography
)
"""Some builds of OpenSSL leave SM3 out."""


def hmac_sm3(secret: bytes, content: bytes) -> bytes:
    key = (sm3(secret) if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in key) + content)
    return sm3(bytes(byte ^ 0x5C for byte in key) + inner)


@dataclass(frozen=True, slots=True)
class Key:
    """A sender's key; with a jurisdiction it may only speak for that one."""

    key_id: str
    secret: bytes
    jurisdiction: str | None = None

    def __repr__(self) -> str:
        return f"Key({self.key_id})"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request whose signature has been verified, and with which nonce."""

    key: Key
    nonce: str

    def sign_answer(self, body: bytes) -> str:
        return hmac_sm3(self.key.secret, f"{self.nonce}\n{sm3(body).hex()}".encode()).hex()


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The four headers, each present once and well formed, with what they sign."""

    key_id: str
    timestamp: str
    nonce: str
    signature: str
    method: str
    target: str

    @classmethod
    def read(cls, method: str, target: str, headers: Mapping[str, list[str]]) -> "SignedRequest":
        """`headers` gives every value sent under a name; raises Refusal(400)."""
        values: dict[str, str] = {}
        for name, shape in _HEADER_SHAPES.items():
            sent = headers.get(name, [])
            if len(sent) != 1 or not shape.fullmatch(sent[0]):
                raise Refusal(
                    400, MALFORMED_REQUEST, f"请求头 {name} 缺失、重复或格式不符，请按报送约定填写。"
                )
            values[name] = sent[0]
        return cls(
            key_id=values[HEADER_KEY],
            timestamp=values[HEADER_TIMESTAMP],
            nonce=values[HEADER_NONCE],
            signature=values[HEADER_SIGNATURE],
            method=method,
            target=target,
        )

    def verify(self, body: bytes, keys: Mapping[str, Key]) -> Caller:
        """Whose request this is; raises Refusal(401) for an unknown key or a wrong signature."""
        key = keys.get(self.key_id)
        if key is None:
            raise Refusal(401, UNKNOWN_KEY, "密钥编号未登记，请核对编号或向市级平台申请。")
        signed = "\n".join((self.method, self.target, self.timestamp, self.nonce, sm3(body).hex()))
        expected = hmac_sm3(key.secret, signed.encode("utf-8")).hex()
        if not hmac.compare_digest(expected, self.signature):
            raise Refusal(401, BAD_SIGNATURE, "签名不符，请核对密钥，并确认报文在途中未被改动。")
        return Caller(key, self.nonce)

    def check_time(self, now: int) -> None:
        if abs(now - int(self.timestamp)) > CLOCK_SKEW_SECONDS:
            raise Refusal(
                401,
                STALE_TIMESTAMP,
                f"时间戳与平台时间相差超过 {CLOCK_SKEW_SECONDS} 秒，请校准报送方服务器的时钟后重新发送。",
            )
