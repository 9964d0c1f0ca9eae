"""Who goes where in the new school year: the plan, what is proposed, what it would do, and the step itself.

A plan holds only what somebody decided for a class or a pupil; everything else is proposed from the state of the day.
The installation keeps no results of the year, so that "được lên lớp" is a proposal that the office confirms.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.school.enrolment.rules import ClassPlace, Coming, Going, History, enrolled, gone, open_stay
from app.school.rules import Level, grade_of_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from app.school.enrolment.rules import Stay, YearFrame

ROLL_OVER: Final = Permission("rollover.keep", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
LAST_GRADES: Final = {Level.PRIMARY: 5, Level.LOWER_SECONDARY: 9, Level.UPPER_SECONDARY: 12}
PRIMARY_NORM: Final = 35
"""Pupils in a class of grades 1 to 5 (TT 28/2020/TT-BGDĐT Art. 16.1): a warning, never a bar."""
SECONDARY_NORM: Final = 45
"""Pupils in a class of grades 6 to 12 (TT 32/2020/TT-BGDĐT Art. 16.3)."""
LONGEST_CLASS_NAME: Final = 32
MOST_NEW_CLASSES: Final = 40


class Decision(StrEnum):
    """What becomes of a pupil at the end of the year."""

    PROMOTE = "promote"
    REPEAT = "repeat"
    GRADUATE = "graduate"
    LEAVE = "leave"
    TRANSFER = "transfer"
    UNDECIDED = "undecided"


DECISION_NAMES: Final = {
    Decision.PROMOTE: N_("Được lên lớp"),
    Decision.REPEAT: N_("Lưu ban"),
    Decision.GRADUATE: N_("Hoàn thành cấp học"),
    Decision.LEAVE: N_("Thôi học trong hè"),
    Decision.TRANSFER: N_("Chuyển đi trong hè"),
    Decision.UNDECIDED: N_("Chưa quyết định"),
}
INTO_A_CLASS: Final = frozenset({Decision.PROMOTE, Decision.REPEAT})


class RolloverState(StrEnum):
    """Where a rollover stands."""

    DRAFT = "draft"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDONE = "undone"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class YearRolledOver(Fact):
    """A school's pupils went into another year's classes, or back: rosters may differ from `first` on."""

    fact_name: ClassVar[str] = "YearRolledOver"
    rollover_id: int
    school_id: int
    first: date


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """What a class does as a whole: where its pupils go (`target`, "" for nowhere), and where those who repeat sit."""

    decision: Decision
    target: str = ""
    repeat: str = ""


@dataclass(frozen=True, slots=True)
class PupilChoice:
    """What was decided for one pupil; without a class the one that the pupil's class has for this decision."""

    decision: Decision
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the office decided. `first_grade`: classes that are opened empty; `opens`: missing classes are opened."""

    classes: Mapping[int, ClassChoice] = field(default_factory=dict)
    pupils: Mapping[int, PupilChoice] = field(default_factory=dict)
    first_grade: tuple[str, ...] | None = None
    opens: bool = True


def plan_to_json(plan: Plan) -> str:
    """Return a plan as text."""
    return json.dumps(
        {
            "classes": {key: [one.decision, one.target, one.repeat] for key, one in plan.classes.items()},
            "pupils": {key: [one.decision, one.class_name] for key, one in plan.pupils.items()},
            "first_grade": plan.first_grade,
            "opens": plan.opens,
        },
        ensure_ascii=False,
    )


def plan_from_json(text: str) -> Plan:
    """Return the plan that `plan_to_json` wrote."""
    said = json.loads(text)
    first = said["first_grade"]
    return Plan(
        {int(key): ClassChoice(Decision(one[0]), one[1], one[2]) for key, one in said["classes"].items()},
        {int(key): PupilChoice(Decision(one[0]), one[1]) for key, one in said["pupils"].items()},
        None if first is None else tuple(first),
        said["opens"],
    )


# --- proposals ----------------------------------------------------------------------------------------------------


def last_grade(levels: str, grades: Iterable[int]) -> int:
    """Return the grade after which pupils leave a school: of its highest level, or of the highest class it has."""
    found = [LAST_GRADES[Level(one)] for one in levels if one in set(Level)]
    if found:
        return max(found)
    highest = max(grades, default=0)
    return min((one for one in LAST_GRADES.values() if one >= highest), default=12)


def next_name(name: str, grade: int) -> str:
    """Return the class of the next grade: 4/2 -> 5/2, 6A1 -> 7A1, L2B -> L3B; "" when the name has not its grade."""
    if grade_of_class(name) != grade:
        return ""
    return re.sub(r"\d+", str(grade + 1), name, count=1)


def proposed(name: str, grade: int, last: int) -> ClassChoice:
    """Return what is proposed for a class."""
    if grade >= last:
        return ClassChoice(Decision.GRADUATE, "", name)
    target = next_name(name, grade)
    return ClassChoice(Decision.PROMOTE if target else Decision.UNDECIDED, target, name)


def norm_of(grade: int) -> int:
    """Return how many pupils a class of a grade has at most by the norm."""
    return PRIMARY_NORM if grade <= LAST_GRADES[Level.PRIMARY] else SECONDARY_NORM


def class_names(text: str) -> tuple[str, ...]:
    """Return the class names in a line such as "1/1, 1/2", each once; raise InvalidError on one without a grade."""
    names = list(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))
    if len(names) > MOST_NEW_CLASSES:
        raise InvalidError(say("Nhiều nhất %(count)s lớp.", count=MOST_NEW_CLASSES))
    return tuple(checked_name(name) for name in names)


def checked_name(name: str) -> str:
    """Return a class name without spaces around it; raise InvalidError when it is too long or says no grade."""
    name = " ".join(name.split())
    if name and (len(name) > LONGEST_CLASS_NAME or grade_of_class(name) is None):
        raise InvalidError(say("Tên lớp “%(name)s” không cho biết khối. Viết như 5/2 hoặc 7A1.", name=name))
    return name


# --- the step -----------------------------------------------------------------------------------------------------


def rolled(
    history: History, school_id: int, old: YearFrame, decision: Decision, place: ClassPlace | None
) -> History:
    """Return the history after the end of a school year. What it was on any day of the old year stays as it was.

    Who goes up or repeats is in the new class from the first day of the new year, and in the old one until then; who
    has finished, or goes away, is at the school until the old year's end. Raises InvalidError when the pupil is not
    enrolled in the old year, or something later is written already.
    """
    stay = open_stay(history, school_id, old.id)
    if decision in INTO_A_CLASS and place is not None:
        return enrolled(history, place, place.year.starts_on, Coming.NEW)
    if decision in {Decision.LEAVE, Decision.TRANSFER}:
        how = Going.LEFT if decision is Decision.LEAVE else Going.TRANSFERRED
        return gone(history, school_id, old, max(old.ends_on, stay.starts_on), how)
    return _finished(history, stay, old) if decision is Decision.GRADUATE else history


def _finished(history: History, stay: Stay, old: YearFrame) -> History:
    """End the enrolment with the year; its status stays: the ministry has none for who has finished a level."""
    left = gone(history, stay.school_id, old, max(old.ends_on, stay.starts_on), Going.LEFT)
    return History(
        tuple(
            replace(after, status=before.status, came_as=before.came_as) if before is stay else after
            for before, after in zip(history.stays, left.stays, strict=True)
        ),
        left.classes,
    )
