"""Who goes where in the new school year: the plan, what is proposed, what it would do, and the step itself.

A plan holds only what somebody decided for a class or a pupil; everything else is proposed from the state of the day.
The installation keeps no results of the year, so that "được lên lớp" is a proposal that the office confirms.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.school.enrolment.rules import ClassPlace, Coming, Going, History, enrolled, gone, open_stay
from app.school.rules import Level, grade_of_class
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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


# --- what a plan would do -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OldClass:
    """A class of the year that ends."""

    id: int
    name: str
    grade: int
    main_session: str = "morning"
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rising:
    """A pupil who is enrolled at the school in the old year; `is_there` who is in the new year already."""

    id: int
    full_name: str
    class_id: int | None
    is_there: bool = False


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class that the new year has already, with the pupils in it."""

    id: int
    name: str
    grade: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a school before the step."""

    classes: tuple[OldClass, ...] = ()
    pupils: tuple[Rising, ...] = ()
    new_classes: tuple[NewClass, ...] = ()
    last_grade: int = 5


@dataclass(frozen=True, slots=True)
class PupilLine:
    """A pupil in the preview. `is_own`: decided for this pupil; `why`: why nothing happens though it was decided."""

    pupil_id: int
    full_name: str
    class_id: int | None
    decision: Decision
    target: str = ""
    is_own: bool = False
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class of the old year in the preview, with how many pupils go each way."""

    source: OldClass
    choice: ClassChoice
    size: int
    counts: Mapping[Decision, int]
    own: int


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A class of the new year in the preview: those who are in it, come up, repeat. `source`: whose rooms and hours."""

    name: str
    grade: int
    there: int
    promoted: int
    repeating: int
    exists: bool
    source: OldClass | None = None

    @property
    def size(self) -> int:
        """All pupils of the class in the new year, as far as they are known."""
        return self.there + self.promoted + self.repeating

    @property
    def is_over(self) -> bool:
        """Whether the class has more pupils than the norm says."""
        return self.size > norm_of(self.grade)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do."""

    classes: tuple[ClassLine, ...]
    targets: tuple[TargetLine, ...]
    pupils: tuple[PupilLine, ...]
    already: int

    @property
    def totals(self) -> dict[Decision, int]:
        """Pupils by decision, every decision named."""
        counted = Counter(one.decision for one in self.pupils)
        return {decision: counted[decision] for decision in Decision}

    @property
    def opened(self) -> list[TargetLine]:
        """The classes that the step would open."""
        return [one for one in self.targets if not one.exists]

    @property
    def acted(self) -> list[PupilLine]:
        """The pupils to whom something happens."""
        return [one for one in self.pupils if one.decision is not Decision.UNDECIDED]

    @property
    def without_class(self) -> list[PupilLine]:
        """The pupils who are enrolled but in no class."""
        return [one for one in self.pupils if one.class_id is None]

    @property
    def fingerprint(self) -> str:
        """A digest of everything that would be done: what is written is what was seen."""
        said = [[one.pupil_id, one.decision, one.target] for one in self.acted]
        opened = sorted(one.name for one in self.opened)
        return hashlib.sha256(json.dumps([said, opened]).encode()).hexdigest()


def choices_of(standing: Standing, plan: Plan) -> dict[int, ClassChoice]:
    """Return what each class of the old year does: as decided, else as proposed."""
    return {
        one.id: plan.classes.get(one.id) or proposed(one.name, one.grade, standing.last_grade)
        for one in standing.classes
    }


def first_grade_names(standing: Standing, plan: Plan) -> tuple[str, ...]:
    """Return the classes to open empty: as decided, else those that the lowest grade has now."""
    if plan.first_grade is not None:
        return plan.first_grade
    lowest = min((one.grade for one in standing.classes), default=0)
    return tuple(one.name for one in standing.classes if one.grade == lowest)


def previewed(
    standing: Standing, plan: Plan, refusal: Callable[[PupilLine], str | None] = lambda _line: None
) -> Preview:
    """Return what a plan would do in the present state; `refusal` says why a pupil's history does not allow it."""
    choices = choices_of(standing, plan)
    missing = set() if plan.opens else _missing(standing, plan, choices)
    lines = [_line(one, plan, choices) for one in standing.pupils if not one.is_there]
    lines = [_held_back(one, missing, refusal) for one in lines]
    return Preview(
        tuple(_class_line(one, choices[one.id], lines) for one in standing.classes),
        tuple(_targets(standing, plan, choices, lines)),
        tuple(lines),
        sum(one.is_there for one in standing.pupils),
    )


def _line(pupil: Rising, plan: Plan, choices: Mapping[int, ClassChoice]) -> PupilLine:
    own = plan.pupils.get(pupil.id)
    choice = choices.get(pupil.class_id or 0)
    if own is None and choice is None:
        why = say("Em chưa được xếp lớp trong năm học cũ.")
        return PupilLine(pupil.id, pupil.full_name, None, Decision.UNDECIDED, why=why)
    decision = own.decision if own else choice.decision if choice else Decision.UNDECIDED
    target = own.class_name if own else ""
    if not target and choice:
        target = {Decision.PROMOTE: choice.target, Decision.REPEAT: choice.repeat}.get(decision, "")
    line = PupilLine(pupil.id, pupil.full_name, pupil.class_id, decision, target, is_own=own is not None)
    if decision not in INTO_A_CLASS:
        return replace(line, target="")
    if not target:
        return replace(line, decision=Decision.UNDECIDED, why=say("Chưa chọn lớp cho em."))
    return line


def _held_back(
    line: PupilLine, missing: Collection[str], refusal: Callable[[PupilLine], str | None]
) -> PupilLine:
    if line.decision is Decision.UNDECIDED:
        return line
    why = refusal(line)
    if line.target and fold(line.target) in missing:
        why = say("Năm học mới chưa có lớp %(name)s.", name=line.target)
    return replace(line, decision=Decision.UNDECIDED, target="", why=why) if why else line


def _missing(standing: Standing, plan: Plan, choices: Mapping[int, ClassChoice]) -> set[str]:
    there = {fold(one.name) for one in standing.new_classes}
    named = {one.target for one in choices.values()} | {one.repeat for one in choices.values()}
    named |= {one.class_name for one in plan.pupils.values()}
    return {fold(name) for name in named if name} - there


def _class_line(source: OldClass, choice: ClassChoice, lines: Sequence[PupilLine]) -> ClassLine:
    mine = [one for one in lines if one.class_id == source.id]
    return ClassLine(
        source, choice, len(mine), Counter(one.decision for one in mine), sum(one.is_own for one in mine)
    )


def _targets(
    standing: Standing, plan: Plan, choices: Mapping[int, ClassChoice], lines: Sequence[PupilLine]
) -> list[TargetLine]:
    """Return the classes of the new year: those it has, those that somebody goes to, the first grade's."""
    there = {fold(one.name): one for one in standing.new_classes}
    names = {key: one.name for key, one in there.items()}
    if plan.opens:
        for name in first_grade_names(standing, plan):
            names.setdefault(fold(name), name)
    for line in lines:
        if line.target:
            names.setdefault(fold(line.target), line.target)
    came = Counter((fold(one.target), one.decision) for one in lines if one.target)
    sources = _sources(standing, choices)
    found = [
        TargetLine(
            name,
            there[key].grade if key in there else grade_of_class(name) or 0,
            there[key].size if key in there else 0,
            came[key, Decision.PROMOTE],
            came[key, Decision.REPEAT],
            key in there,
            sources.get(key),
        )
        for key, name in names.items()
    ]
    return sorted(found, key=lambda one: (one.grade, natural_key(one.name)))


def _sources(standing: Standing, choices: Mapping[int, ClassChoice]) -> dict[str, OldClass]:
    """Return whose session and site a new class takes over: the class that comes up, else the one of its name."""
    found = {fold(one.name): one for one in standing.classes}
    for one in standing.classes:
        if choices[one.id].target:
            found[fold(choices[one.id].target)] = one
    return found


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
