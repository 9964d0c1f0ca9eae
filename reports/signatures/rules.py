"""What the messages between an installation and the hub sign: method, target, content type, digest, Idempotency-Key.

The signatures themselves are those of `app.signing` (RFC 9421, Ed25519).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import signing
from app.signing import (
    Message,
    Profile,
    Refusal,
    RefusedError,
    SigningKey,
    fingerprint,
    public_pem,
    read_public_pem,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = (
    "Message",
    "Refusal",
    "RefusedError",
    "SigningKey",
    "fingerprint",
    "public_pem",
    "read_public_pem",
    "sign",
    "verify",
)
_ALWAYS: Final = ("@method", "@target-uri")
HUB: Final = Profile("bangxanh-hub", _ALWAYS, (*_ALWAYS, "content-type", "content-digest", "idempotency-key"))


def sign(message: Message, body: bytes, key: SigningKey, now: datetime) -> None:
    """Sign a message to the hub; see `app.signing.sign`."""
    signing.sign(HUB, message, body, key, now)


def verify(
    message: Message, body: bytes, find_key: Callable[[str], Ed25519PublicKey | None], now: datetime
) -> str:
    """Return the id of the key that signed a message to the hub; see `app.signing.verify`. Raises RefusedError."""
    return signing.verify(HUB, message, body, find_key, now)
