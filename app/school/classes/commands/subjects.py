"""Writes of the list of subjects: a subject that is named for the first time is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import text
from app.errors import InvalidError
from app.i18n import say
from app.school.classes.rules import LONGEST_SUBJECT
from app.school.models import Subject

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CODE_WIDTH: Final = 16


def ensure_subject(current: Session, name: str) -> Subject:
    """Return the subject of this name, accents and case aside, added when it is new; raise InvalidError."""
    wanted = text.clean_text(name)
    if not text.fold(wanted) or len(wanted) > LONGEST_SUBJECT:
        raise InvalidError(say("Ghi tên môn học."), {"subject": say("Ghi tên môn, ví dụ Toán.")})
    known = list(current.scalars(select(Subject)))
    found = next((one for one in known if text.fold(one.name) == text.fold(wanted)), None)
    if found is None:
        found = Subject(code=_free_code(wanted, {one.code for one in known}), name=wanted)
        current.add(found)
        current.flush()
    return found


def _free_code(name: str, taken: set[str]) -> str:
    """Return a code made of a name's letters, with a number behind it when another subject has it."""
    stem = (
        "".join(letter for letter in text.fold(name).upper() if letter.isalnum())[: CODE_WIDTH - 3] or "MON"
    )
    codes = [stem, *(f"{stem}{number}" for number in range(2, 1000))]
    return next(code for code in codes if code not in taken)
