"""Packing anew what fills up loosely: a class's or a pupil's next row comes between those of all others (ADR 127)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.postgres import repack

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)
LOOSE: Final = ("uq_register_class_id_place", "ix_mark_pupil_id")
"""The indexes of the two large tables whose rows do not come in their order."""
_SUNDAY, _HOUR = 6, 2


def repack_indexes() -> int | None:
    """Pack the loose indexes; return the bytes that this saved, None when another process does it or on SQLite."""
    return repack(db.db.engine, LOOSE)


def is_repacking_due(at: datetime) -> bool:
    """Say whether an instant is in the hour of the week in which no school works: Sunday from two to three."""
    local = clock.local(at)
    return (local.weekday(), local.hour) == (_SUNDAY, _HOUR)


def repack_on_sunday() -> None:
    """Pack them when the hour has come; the worker asks every hour."""
    if is_repacking_due(clock.now()) and (saved := repack_indexes()) is not None:
        log.info("the indexes of registers were packed: %s bytes less", saved)
