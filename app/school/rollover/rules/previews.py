"""What the plan of a rollover would do in the present state of a school: pupils, classes of both years."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.i18n import say
from app.school.rollover.rules import INTO_A_CLASS, ClassChoice, Decision, Plan, norm_of, proposed
from app.school.rules import grade_of_class
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


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
