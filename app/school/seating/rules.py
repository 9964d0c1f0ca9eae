"""Pure rules of seat plans: what fits into a room, and that everybody sits once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

ARRANGE_SEATS: Final = Permission(
    "seats.arrange", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.HOMEROOM_TEACHER)
)
MOST_ROWS: Final = 12
MOST_COLUMNS: Final = 12
USUAL_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class Seat:
    """A pupil's place: row from the board backwards, column from the left as the class is seen; both from 0."""

    pupil_id: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a class sits: the size of the grid and who sits where; `starts_on` is None while it is nowhere kept."""

    rows: int
    columns: int
    seats: tuple[Seat, ...] = ()
    starts_on: date | None = None

    @property
    def places(self) -> dict[tuple[int, int], int]:
        """{(row, column): pupil}, for drawing."""
        return {(seat.row, seat.column): seat.pupil_id for seat in self.seats}

    @property
    def by_pupil(self) -> dict[int, tuple[int, int]]:
        """{pupil: (row, column)}, for registers and lessons."""
        return {seat.pupil_id: (seat.row, seat.column) for seat in self.seats}


def empty_plan(size: int) -> Plan:
    """Return the grid that is offered to a class without a plan: eight seats a row, enough rows for everybody."""
    return Plan(min(max(1, -(-size // USUAL_COLUMNS)), MOST_ROWS), USUAL_COLUMNS)


def plan_on(plans: Sequence[Plan], day: date) -> Plan | None:
    """Return which of a class's plans holds on a day: the last that has begun, None before the first."""
    begun = [plan for plan in plans if plan.starts_on is not None and plan.starts_on <= day]
    return max(begun, key=lambda plan: plan.starts_on or day, default=None)


def check_plan(plan: Plan, members: Collection[int]) -> None:
    """Raise InvalidError unless the grid fits a room, every seat is in it, taken once, by a pupil of the class."""
    if not (1 <= plan.rows <= MOST_ROWS and 1 <= plan.columns <= MOST_COLUMNS):
        raise InvalidError(say("Sơ đồ có từ 1 đến %(most)s hàng và từ 1 đến %(most)s cột.", most=MOST_ROWS))
    if any(not (0 <= seat.row < plan.rows and 0 <= seat.column < plan.columns) for seat in plan.seats):
        raise InvalidError(say("Có em ngồi ngoài sơ đồ. Hãy tải lại trang rồi xếp lại."))
    if len(plan.places) != len(plan.seats) or len(plan.by_pupil) != len(plan.seats):
        raise InvalidError(say("Mỗi chỗ một em, mỗi em một chỗ. Hãy tải lại trang rồi xếp lại."))
    if strangers := set(plan.by_pupil) - set(members):
        raise InvalidError(
            say("%(count)s em không còn ở lớp vào ngày đó. Hãy tải lại trang.", count=len(strangers))
        )


def check_start(starts_on: date, known: Sequence[date], year: tuple[date, date], today: date) -> None:
    """Raise InvalidError unless a plan may begin on a day: in the year, not in the past when there was one then."""
    if not year[0] <= starts_on < year[1]:
        raise InvalidError(
            say("Ngày không thuộc năm học của lớp."), {"starts_on": say("Chọn một ngày của năm học.")}
        )
    if starts_on < today and any(day <= today for day in known):
        raise InvalidError(
            say("Sơ đồ của những ngày đã qua không sửa được."),
            {"starts_on": say("Chọn hôm nay hoặc một ngày sắp tới.")},
        )
