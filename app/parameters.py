"""Parameters of the addresses that programs ask: read strictly, and the one at fault is named. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping

_EARLIEST: Final = 1900
_LATEST: Final = 2199
_LONGEST_KEY: Final = 10
_DIGITS: Final = 6
"""A million pages."""


def wrong_parameter(name: str) -> InvalidError:
    """Return the error that names a parameter at fault."""
    message = say("Tham số %(name)s không đúng.", name=name[:40])
    return InvalidError(message, {name[:40]: message})


def number_in(text: str) -> int | None:
    """Return the key or number that a page's address says, None for anything else.

    Python refuses to read thousands of digits, and an address has room for them.
    """
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None


def whole(arguments: Mapping[str, str], name: str, usual: int) -> int:
    """Return a whole number from 0, the usual one when nothing is sent. Raises InvalidError."""
    text = arguments.get(name, str(usual))
    if not text.isdecimal() or len(text) > _DIGITS:
        raise wrong_parameter(name)
    return int(text)


def page_asked(arguments: Mapping[str, str], usual: int, most: int) -> tuple[int, int]:
    """Return the page that is asked for, from 1, and how many rows it has, `most` at most. Raises InvalidError."""
    page, per_page = whole(arguments, "page", 1), whole(arguments, "per_page", usual)
    for name, is_right in (("page", page >= 1), ("per_page", 1 <= per_page <= most)):
        if not is_right:
            raise wrong_parameter(name)
    return page, per_page


def day(arguments: Mapping[str, str], name: str, usual: date) -> date:
    """Return a civil date such as 2026-10-05, the usual one when nothing is sent. Raises InvalidError.

    Years that no school has lived through are wrong: one can add to every date that is returned.
    """
    text = arguments.get(name, "")
    try:
        found = date.fromisoformat(text) if text else usual
    except ValueError as error:
        raise wrong_parameter(name) from error
    if not _EARLIEST <= found.year <= _LATEST:
        raise wrong_parameter(name)
    return found


def require_known(arguments: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise InvalidError for a parameter that nobody reads: what is misspelt must not silently ask for everything."""
    for name in arguments:
        if name not in known:
            raise wrong_parameter(name)
