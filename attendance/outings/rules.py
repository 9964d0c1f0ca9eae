"""Who plans and leads school events, when one takes place, and what its roll call means for a register. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from datetime import date

PLAN_OUTINGS: Final = Permission("outings.plan", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
LEAD_OUTING: Final = Permission(
    "outings.lead",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
"""Teachers lead the events that they are named for, whichever classes go; the office may do it for them."""
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


# --- the roll call ------------------------------------------------------------------------------------------------

DEVICE: Final = "outing:"
"""What stands for the device in events that a roll call wrote, before the event's id: so that it can be taken back."""


def device_of(outing_id: int) -> str:
    """Return what stands for the device in what an outing's roll call writes."""
    return f"{DEVICE}{outing_id}"


def takes_place(slot: int, session_slot: int) -> bool:
    """Say whether an event in `slot` (0: the whole day) takes a class out of a session (1 to 3)."""
    return slot in {WHOLE_DAY, session_slot}


def says_all(members: AbstractSet[int], said: Mapping[int, str]) -> bool:
    """Say whether a roll call speaks for a whole class, so that its register needs no other hand.

    It does when everybody in the class was called and carries a letter: whoever stays at school ("" in `said`) is
    somebody else's to see.
    """
    return bool(members) and all(said.get(pupil_id, "") for pupil_id in members)
