"""Seats as pure values: what proves who somebody is, and how often one may be wrong."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from classroom.lessons.rules import typed_code

TRIES_PER_PUPIL: Final = 5
TRIES_PER_DEVICE: Final = 10
TRIES_WITHIN: Final = timedelta(minutes=10)


def is_card_code(stored: str, typed: str) -> bool:
    """Compare a card code in constant time."""
    return hmac.compare_digest(stored.encode(), typed_code(typed).encode())


def device_hash(token: str) -> str:
    """Return what is stored of a device's token."""
    return hashlib.sha256(token.encode()).hexdigest()
