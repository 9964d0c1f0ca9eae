"""The states of an import."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ImportState(StrEnum):
    """Where an import stands. UNREADABLE and DISCARDED wrote nothing; UNDONE wrote and took back."""

    UPLOADED = "uploaded"
    PREVIEWED = "previewed"
    UNREADABLE = "unreadable"
    APPLYING = "applying"
    APPLIED = "applied"
    DISCARDED = "discarded"
    UNDONE = "undone"


KEEPS_FILE: Final = frozenset({ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.APPLYING})
