"""SM3 and HMAC-SM3 (GB/T 32905, GB/T 15852.2) for the sending side, by the `cryptography` package."""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

from delivery.contract import HEADER_KEY, HEADER_NONCE, HEADER_SIGNATURE, HEADER_TIMESTAMP, MIN_NONCE_BYTES

_NONCE_BYTES = max(16, MIN_NONCE_BYTES)


def sm3_hex(content: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def hmac_sm3_hex(secret: bytes, content: bytes) -> str:
    return _mac(secret, content).finalize().hex()


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The headers of one request. The nonce is kept, because the answer is signed over it."""

    nonce: str
    headers: dict[str, str]


def sign_request(
    *,
    method: str,
    target: str,
    body: bytes,
    key_id: str,
    secret: bytes,
    timestamp: int,
    nonce: str | None = None,
) -> SignedHeaders:
    """Sign a request; `target` is path and query exactly as they go into the request line."""
    nonce = nonce or secrets.token_hex(_NONCE_BYTES)
    canonical = "\n".join((method, target, str(timestamp), nonce, sm3_hex(body)))
    return SignedHeaders(
        nonce,
        {
            HEADER_KEY: key_id,
            HEADER_TIMESTAMP: str(timestamp),
            HEADER_NONCE: nonce,
            HEADER_SIGNATURE: hmac_sm3_hex(secret, canonical.encode("utf-8")),
        },
    )


def answer_is_genuine(*, secret: bytes, nonce: str, body: bytes, signature: str | None) -> bool:
    """Whether the holder of our key wrote this body in answer to the request with this nonce."""
    try:
        claimed = bytes.fromhex(signature or "")
        _mac(secret, f"{nonce}\n{sm3_hex(body)}".encode()).verify(claimed)
    except (ValueError, InvalidSignature):
        return False
    return True


def _mac(secret: bytes, content: bytes) -> hmac.HMAC:
    mac = hmac.HMAC(secret, hashes.SM3())
    mac.update(content)
    return mac
