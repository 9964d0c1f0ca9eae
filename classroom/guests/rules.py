"""Guests as pure values: which nicknames a class may see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from app.text import clean_name, fold

if TYPE_CHECKING:
    from collections.abc import Collection

SHORTEST, LONGEST = 2, 20
MOST_GUESTS: Final = 200
"""Guests of one lesson: an open day fills a hall, not a stadium."""
_ALLOWED: Final = re.compile(r"[^\W_]+(?:[ .'\-]+[^\W_]+)*\.?")


def checked_nickname(typed: str, taken: Collection[str]) -> str:
    """Return a nickname as it is shown: two to twenty letters and digits, with single spaces, dots and hyphens between.

    `taken` are folded names: of the class's pupils, whom nobody may pose as, and of the guests who are in.
    Raises InvalidError that says what to change.
    """
    name = clean_name(typed)
    if not SHORTEST <= len(name) <= LONGEST:
        raise _refused(say("Biệt danh có từ %(least)s đến %(most)s ký tự.", least=SHORTEST, most=LONGEST))
    if not _ALLOWED.fullmatch(name):
        raise _refused(say("Biệt danh chỉ gồm chữ cái, chữ số và dấu cách."))
    if fold(name) in taken:
        raise _refused(say("Biệt danh này đã có người dùng. Hãy chọn tên khác."))
    return name


def _refused(message: str) -> InvalidError:
    return InvalidError(message, {"nickname": message})
