"""Classes that Excel took for numbers: 12.10 became 12.1, the name of another class.

The cell itself cannot tell. Where a list has each class in one place, its order does: what stands between 12.9 and
12.11 is 12.10. That is read so, and told; anywhere else it is only told that 12.1 stands in two places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from app.i18n import N_, Phrase, say
from app.intake.rules.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.intake.rules.rows import Cell

_NUMBERED: Final = re.compile(r"(\d{1,2})\.([1-9])")
_READ_SO: Final = N_(
    "Excel đã đổi %(full)s thành số %(name)s: từ dòng này, ngay sau lớp %(before)s, được đọc là lớp %(full)s."
)
_IN_TWO_PLACES: Final = N_(
    "Lớp %(name)s có ở hai chỗ tách nhau trong tệp. Nếu ở đây là lớp %(full)s (Excel bỏ số 0), hãy định dạng cột lớp "
    "là Văn bản, ghi lại rồi nhập."
)


@dataclass(frozen=True, slots=True)
class Found:
    """`names` is {row: the class as it was}, `told` is {row: what a person should know}."""

    names: Mapping[int, str] = field(default_factory=dict)
    told: Mapping[int, Phrase] = field(default_factory=dict)


def lost_noughts(cells: Sequence[tuple[int, Cell]], *, untyped: bool) -> Found:
    """Return which classes of a list, given as (row, cell) in its order, have lost a nought at their end."""
    runs = [(name, list(rows)) for name, rows in groupby(cells, key=lambda one: text_of(one[1]))]
    order = [name for name, _rows in runs]
    twice = {name for name in order if order.count(name) > 1}
    if not twice or any(order.count(name) > 2 or not _NUMBERED.fullmatch(name) for name in twice):  # noqa: PLR2004
        return Found()
    names: dict[int, str] = {}
    told: dict[int, Phrase] = {}
    for name in twice:
        at = len(order) - 1 - order[::-1].index(name)
        row, cell = runs[at][1][0]
        if not untyped and not isinstance(cell, float):
            continue  # as text it is what somebody wrote
        if order[at - 1] == _before(name):
            names |= dict.fromkeys((number for number, _cell in runs[at][1]), f"{name}0")
        message = _READ_SO if row in names else _IN_TWO_PLACES
        told[row] = say(message, full=f"{name}0", name=name, before=order[at - 1])
    return Found(names, told)


def _before(name: str) -> str:
    """Return the class that stands before the one that a name has lost its nought of: 12.9 before 12.10."""
    grade, number = name.split(".")
    return f"{grade}.{int(number) * 10 - 1}"
