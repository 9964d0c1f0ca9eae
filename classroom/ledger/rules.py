"""Events of a lesson as pure values, and how a screen's state follows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Happened(StrEnum):
    """Kinds of a lesson's events."""

    SEATED = "seated"
    FREED = "freed"
    PREPARED = "prepared"
    MOVED = "moved"
    ANSWERED = "answered"
    ENDED = "ended"
    SWITCHED = "switched"
    OFFERED = "offered"
    PICKED = "picked"
    MODERATED = "moderated"
    EXTENDED = "extended"
    HAND = "hand"
    FELT = "felt"
    GUEST = "guest"
    TEAM = "team"
    ASKED = "asked"
    INQUIRED = "inquired"
    VOTED = "voted"
    GROUPED = "grouped"
    CONFIDED = "confided"
    GOAL = "goal"
    INKED = "inked"


ON_STAGE: Final = frozenset(
    {Happened.MOVED, Happened.ENDED, Happened.OFFERED, Happened.INQUIRED, Happened.VOTED}
)
"""Events after which pupils see something else."""


@dataclass(frozen=True, slots=True)
class News:
    """One event as a screen gets it."""

    seq: int
    kind: Happened
    patch: Mapping[str, Any]


def followed(state: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a screen's state after a patch: tables of things are merged row by row, everything else is replaced.

    Snapshot followed by the later events equals a fresh snapshot; tests hold every command to it. The same few lines
    are in TypeScript (classroom/ledger/frontend/follow.ts).
    """
    after = dict(state)
    for name, change in patch.items():
        if isinstance(change, dict) and isinstance(after.get(name), dict):
            after[name] = _merged(after[name], change)
        else:
            after[name] = change
    return after


def _merged(table: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    after = dict(table)
    for key, row in change.items():
        known = after.get(key)
        after[key] = {**known, **row} if isinstance(row, dict) and isinstance(known, dict) else row
    return after


def joined_patch(news: Iterable[News]) -> dict[str, Any]:
    """Return the one patch that has the effect of several in order."""
    together: dict[str, Any] = {}
    for item in news:
        together = followed(together, item.patch)
    return together


def to_json(content: Mapping[str, Any]) -> str:
    """Return a patch as it is stored."""
    return orjson.dumps(content).decode()
