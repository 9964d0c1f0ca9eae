"""What a file holds, and for how long it is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

KEPT_FOR: Final = timedelta(days=7)


class FileKind(StrEnum):
    """What a job can make a file of."""

    ATTENDANCE = "attendance"
    EXTRACT = "extract"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its bytes, and the digest of the figures in it."""

    content: bytes
    mimetype: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants: the kind, the name of the file, and what its maker has to know, as plain JSON values."""

    kind: FileKind
    name: str
    about: Mapping[str, Any]

    def key(self, now: datetime) -> str:
        """Return the same key for the same wish in the same ten minutes: who clicks twice gets one file."""
        text = json.dumps([self.kind, self.name, dict(self.about)], sort_keys=True, default=str)
        return f"{now:%Y%m%d%H%M}"[:-1] + hashlib.sha256(text.encode()).hexdigest()[:40]
