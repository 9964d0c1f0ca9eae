"""Scopes of programs, and the questions that they may ask about registers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app import parameters
from app.i18n import N_
from app.parameters import page_asked, require_known, wrong_parameter
from attendance.registers.rules.states import RegisterState, SlotKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

READ: Final = "registers.read"
NAMES: Final = "registers.names"
WRITE: Final = "registers.write"
SCOPES: Final = {
    READ: N_("đọc sổ điểm danh"),
    NAMES: N_("đọc họ tên và mã học sinh trong sổ điểm danh"),
    WRITE: N_("ghi dấu vào sổ điểm danh"),
}
PER_PAGE: Final = 100
MOST_PER_PAGE: Final = 500
LONGEST: Final = timedelta(days=400)
KINDS: Final = {"session": SlotKind.SESSION, "period": SlotKind.PERIOD}
KIND_NAMES: Final = {kind: name for name, kind in KINDS.items()} | {SlotKind.EVENT: "event"}
_KNOWN: Final = frozenset({"school", "from", "to", "class", "kind", "state", "page", "per_page"})


@dataclass(frozen=True, slots=True)
class Question:
    """Which registers of a school: of the days [first, after_last), of one class (its sourcedId), kind and state."""

    first: date
    after_last: date
    school: str
    class_key: str
    kind: SlotKind | None
    state: RegisterState | None
    page: int
    per_page: int

    @classmethod
    def of(cls, arguments: Mapping[str, str], today: date) -> Question:
        """Read a query: of today when it names no day, of one day when it names no end.

        Raises InvalidError naming the parameter at fault.
        """
        require_known(arguments, _KNOWN)
        first = parameters.day(arguments, "from", today)
        after_last = parameters.day(arguments, "to", first + timedelta(days=1))
        if not first < after_last <= first + LONGEST:
            to = "to"
            raise wrong_parameter(to)
        page, per_page = page_asked(arguments, PER_PAGE, MOST_PER_PAGE)
        return cls(
            first=first,
            after_last=after_last,
            school=arguments.get("school", ""),
            class_key=arguments.get("class", ""),
            kind=KINDS[_one_of(arguments, "kind", KINDS)] if arguments.get("kind") else None,
            state=RegisterState(_one_of(arguments, "state", {one.value: one for one in RegisterState}))
            if arguments.get("state")
            else None,
            page=page,
            per_page=per_page,
        )


def _one_of(arguments: Mapping[str, str], name: str, known: Mapping[str, object]) -> str:
    if arguments[name] not in known:
        raise wrong_parameter(name)
    return arguments[name]
