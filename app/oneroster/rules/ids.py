"""sourcedIds: a row's kind and number in one block of AES, written as a UUID.

Opaque (no ministry code, no count of pupils shows), the same for as long as the installation keeps its key, and turned
back into the row without a table. A text that we did not make fails the check of the empty bytes.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES: Final = 16
_BLOCK: Final = struct.Struct(">BII7x")


class Kind(IntEnum):
    """What a sourcedId names. The numbers are part of every id that was ever handed out."""

    UNIT = 1
    YEAR = 2
    TERM = 3
    COURSE = 4
    CLASS = 5
    PUPIL = 6
    STAFF = 7
    MEMBERSHIP = 8
    HOMEROOM = 9
    LESSONS = 10
    PUPIL_ROLE = 11
    STAFF_ROLE = 12


@dataclass(frozen=True, slots=True)
class Named:
    """A row: its kind and number; `second` where it takes two (a term of a year, a grade of a school)."""

    kind: Kind
    number: int
    second: int = 0


class Ids:
    """Makes sourcedIds with an installation's key, and reads them."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - single blocks, each only once

    def of(self, kind: Kind, number: int, second: int = 0) -> str:
        """Return the sourcedId of a row."""
        encryptor = self._cipher.encryptor()
        return str(uuid.UUID(bytes=encryptor.update(_BLOCK.pack(kind, number, second))))

    def read(self, sourced_id: str) -> Named | None:
        """Return the row that a sourcedId names, None for a text that this installation did not make."""
        try:
            block = uuid.UUID(sourced_id)
        except ValueError:
            return None
        if str(block) != sourced_id:
            return None
        plain = self._cipher.decryptor().update(block.bytes)
        kind, number, second = _BLOCK.unpack(plain)
        if any(plain[9:]) or kind not in set(Kind):
            return None
        return Named(Kind(kind), number, second)
