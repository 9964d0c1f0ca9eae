"""Who plans school events, and when one takes place. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from datetime import date

PLAN_OUTINGS: Final = Permission("outings.plan", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
WHOLE_DAY: Final = 0
LONGEST_NAME: Final = 120
LONGEST_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """A school event: on the days from the first to the last, both included, in one session (0: the whole day)."""

    name: str
    first_day: date
    last_day: date
    slot: int = WHOLE_DAY


def check_plan(plan: Plan) -> None:
    """Raise InvalidError, with the fields to mend, unless an event has a name and its days are in order and few."""
    wrong: dict[str, str] = {}
    if not plan.name:
        wrong["name"] = say("Ghi tên hoạt động.")
    if plan.last_day < plan.first_day:
        wrong["last_day"] = say("Ngày cuối không được trước ngày đầu.")
    elif (plan.last_day - plan.first_day).days >= LONGEST_DAYS:
        wrong["last_day"] = say("Một hoạt động dài nhất %(days)s ngày.", days=LONGEST_DAYS)
    if wrong:
        raise InvalidError(say("Hoạt động chưa hợp lệ."), wrong)
