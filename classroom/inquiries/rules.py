"""Pupils' questions as pure values: what may be asked, and in which order a class sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST, LONGEST = 3, 280
MOST_WAITING: Final = 3
"""Questions of one pupil that the teacher has not judged yet: enough for an honest child, too few to flood a list."""


class InquiryState(StrEnum):
    """Where a question stands: only a shown or an answered one is seen by the class."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"
    ANSWERED = "answered"


SEEN: Final = frozenset({InquiryState.SHOWN, InquiryState.ANSWERED})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its votes."""

    id: int
    pupil_id: int
    text: str
    state: str
    votes: int


def checked_question(typed: str) -> str:
    """Return a question's text as it is kept; raise InvalidError when it says nothing or too much."""
    text = clean_text(typed)
    if not SHORTEST <= len(text) <= LONGEST:
        message = say("Câu hỏi có từ %(least)s đến %(most)s ký tự.", least=SHORTEST, most=LONGEST)
        raise InvalidError(message, {"text": message})
    return text


def for_class(inquiries: Iterable[Asked]) -> list[Asked]:
    """Return what the class sees: open questions by votes, the earlier first among equals; answered ones last."""
    seen = [one for one in inquiries if one.state in SEEN]
    return sorted(seen, key=lambda one: (one.state == InquiryState.ANSWERED, -one.votes, one.id))
