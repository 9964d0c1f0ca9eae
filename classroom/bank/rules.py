"""A lesson plan as pure values: who may use the bank, what a draft holds, how questions change places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.access import Permission, Role, everywhere
from classroom.activities.rules import Kind, as_plain, from_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classroom.activities.rules import Content

USE_BANK: Final = Permission("bank.use", everywhere(Role.TEACHER, Role.HOMEROOM_TEACHER))
"""Write lesson plans, and read those that colleagues of the school share."""
LONGEST_TITLE: Final = 120
LONGEST_SUBJECT: Final = 60
LONGEST_PLAN: Final = 60_000
"""Characters of a plan's text: sixty questions of a thousand characters."""


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a teacher saves: a title, a subject, the questions in their order."""

    title: str
    subject: str
    questions: tuple[Content, ...]


def stored_questions(questions: Iterable[Content]) -> str:
    """Return the form in which a version's questions are stored."""
    return orjson.dumps([as_plain(content) for content in questions]).decode()


def questions_of(stored: str) -> tuple[Content, ...]:
    """Return the questions from their stored form."""
    plain: list[dict[str, Any]] = orjson.loads(stored)
    return tuple(from_plain(one) for one in plain)


def asked(contents: Iterable[Content]) -> tuple[Content, ...]:
    """Return the questions without the slides between them."""
    return tuple(content for content in contents if content.kind is not Kind.SLIDE)


def rearranged(questions: Sequence[Content], number: int, steps: int) -> tuple[Content, ...]:
    """Return the questions with number `number` (from 1) moved by `steps`, as far as there is room."""
    order = list(questions)
    if 1 <= number <= len(order):
        order.insert(max(number - 1 + steps, 0), order.pop(number - 1))
    return tuple(order)


def without(questions: Sequence[Content], number: int) -> tuple[Content, ...]:
    """Return the questions without number `number` (from 1)."""
    return tuple(content for place, content in enumerate(questions, 1) if place != number)


def without_file(questions: Iterable[Content], sha256: str) -> tuple[Content, ...]:
    """Return the questions without the slides of a file; a question whose picture it was stays, without one."""
    return tuple(
        replace(content, file="", page=0, high=0) if content.file == sha256 else content
        for content in questions
        if content.kind is not Kind.SLIDE or content.file != sha256
    )
