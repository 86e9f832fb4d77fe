"""Personal data at rest: SM4-GCM for what must be read again, HMAC-SM3 for what must only be found.

Keys come from `settings.CREDIT_KEYS`; the key's id stands in the ciphertext, so keys can be rotated. Commercial
cryptography regulation art. 41, GB/T 39786-2021.
"""

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_NONCE, _TAG = 12, 16


class Undecipherable(ValueError):
    """A ciphertext is damaged, belongs elsewhere, or was made with a key that is not configured."""


def encrypt(text: str, *, purpose: str) -> str:
    """Return `sm4:<key id>:<base64 of nonce, ciphertext and tag>`. `purpose` binds it to its place."""
    key_id = settings.CREDIT_KEYS.current
    return f"sm4:{key_id}:{base64.b64encode(_seal(text.encode(), key_id, purpose)).decode()}"


def decrypt(ciphertext: str, *, purpose: str) -> str:
    """Return the text that `encrypt()` was given. Raises `Undecipherable`."""
    try:
        algorithm, key_id, encoded = ciphertext.split(":", 2)
        raw = base64.b64decode(encoded, validate=True)
        if algorithm != "sm4":
            raise ValueError(algorithm)
        return _open(raw, key_id, purpose).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise Undecipherable(f"cannot decrypt a value for {purpose}") from error


def encrypt_bytes(data: bytes, *, purpose: str) -> bytes:
    """Return `sm4:<key id>:` and nonce, ciphertext and tag as bytes; for files."""
    key_id = settings.CREDIT_KEYS.current
    return f"sm4:{key_id}:".encode() + _seal(data, key_id, purpose)


def decrypt_bytes(sealed: bytes, *, purpose: str) -> bytes:
    """Return the bytes that `encrypt_bytes()` was given. Raises `Undecipherable`."""
    try:
        algorithm, key_id, raw = sealed.split(b":", 2)
        if algorithm != b"sm4":
            raise ValueError(algorithm)
        return _open(raw, key_id.decode(), purpose)
    except (ValueError, KeyError, InvalidTag) as error:
        raise Undecipherable(f"cannot decrypt bytes for {purpose}") from error


def _seal(data: bytes, key_id: str, purpose: str) -> bytes:
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_algorithm(_data_key(key_id)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(purpose.encode())
    body = encryptor.update(data) + encryptor.finalize()
    return nonce + body + encryptor.tag


def _open(raw: bytes, key_id: str, purpose: str) -> bytes:
    if len(raw) < _NONCE + _TAG:
        raise ValueError("too short")
    nonce, body, tag = raw[:_NONCE], raw[_NONCE:-_TAG], raw[-_TAG:]
    decryptor = Cipher(_algorithm(_data_key(key_id)), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(purpose.encode())
    return decryptor.update(body) + decryptor.finalize()


def blind_index(*parts: str, purpose: str) -> str:
    """Return 64 hex digits by which an exact value is found without storing it. Parts are kept apart."""
    return _keyed_digest(settings.CREDIT_KEYS.index, "\x1f".join((purpose, *parts)).encode())


def fingerprint(data: bytes) -> str:
    """Return the keyed digest (HMAC-SM3, hex) that proves a sealed body unchanged.

    Keyed, because a bare hash over a record could be tried against all ID numbers.
    """
    return _keyed_digest(settings.CREDIT_KEYS.seal, data)


def sm3(data: bytes) -> str:
    """Return the SM3 digest in hex (GB/T 32905-2016)."""
    return hashlib.new("sm3", data).hexdigest()


def _keyed_digest(key: bytes, data: bytes) -> str:
    mac = _mac(key).copy()
    mac.update(data)
    return mac.finalize().hex()


@lru_cache(maxsize=8)
def _mac(key: bytes) -> hmac.HMAC:
    return hmac.HMAC(key, hashes.SM3())


@lru_cache(maxsize=8)
def _algorithm(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)


def _data_key(key_id: str) -> bytes:
    key: bytes = settings.CREDIT_KEYS.data[key_id]
    return key
