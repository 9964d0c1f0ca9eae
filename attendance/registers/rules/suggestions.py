"""Suggestions beside a name, explained, in a school's order. None is ever a mark until a person saves. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.i18n import Phrase
    from attendance.rulebook.rules import SuggestionKind


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something known of a pupil: where from, in words, and the letter that it speaks for (None: for being there).

    `minutes` goes with the letter of being late.
    """

    pupil_id: int
    kind: SuggestionKind
    words: Phrase
    letter: str | None = None
    minutes: int | None = None


def in_order(found: Iterable[Suggestion], order: Sequence[SuggestionKind]) -> dict[int, list[Suggestion]]:
    """Return {pupil: suggestions}, each pupil's in the school's order; kinds that it does not name are left out."""
    places: Mapping[SuggestionKind, int] = {kind: place for place, kind in enumerate(order)}
    by_pupil: dict[int, list[Suggestion]] = {}
    for one in sorted((one for one in found if one.kind in places), key=lambda one: places[one.kind]):
        by_pupil.setdefault(one.pupil_id, []).append(one)
    return by_pupil
