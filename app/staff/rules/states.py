"""Where a staff roster stands on its way in."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """Previewed until somebody confirms or discards it; applying while the job makes accounts."""

    PREVIEWED = "previewed"
    APPLYING = "applying"
    APPLIED = "applied"
    DISCARDED = "discarded"
