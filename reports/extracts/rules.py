"""An extract holds every figure of a place and a period that may leave, and says of the others that they are withheld.

Beyond the classes' own table (reports.releases), whose pattern holds here too:

1. What counts different pupils (absent often, come, gone, repeating) leaves for schools and places above them, never
   for a class: its parts do not add up, so no secondary suppression could be proved.
2. Such a figure leaves when its numerator is 0 or at least k, what remains of its denominator is 0 or at least k, and
   its denominator is at least k. Numbers that lie inside each other (over 20, 30, 40, 45 sessions) leave only where
   nobody or at least k pupils lie between two that are told.
3. A place above schools is counted over the schools whose own figure leaves, and says how many they are. So nothing is
   left when one subtracts.
4. A period of several months withholds what any of its months withheld, a school year what its semesters did.
5. A count of pupils that leaves out whole classes (those without a register, without a live lesson, in the last grade)
   tells how many were in withheld classes, once the published ones are subtracted. It is withheld where these, those
   counted or those left out, are 1 to k-1. The same goes for answers in live lessons that fewer than k pupils gave.
6. Who came and went adds up over months. A longer period is told where it is 0 or at least k in each stretch of it.
7. A pupil who changed the school is one pupil of the ward. A figure of different pupils above schools is withheld where
   it is short of the sum of what is told below it by 1 to k-1, above or below the line: so few changed the school.
8. Numbers that are counted since the year began (over 20 to 45 sessions, drop-outs) are told again only where they
   changed by 0 or at least k since every earlier end of a month or semester at which they were told.
9. While a period runs, nothing that counts different pupils is told of it: two releases would tell of a few between.

What remains is in docs/adr/0100-disclosure-closed.md.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from app.school.rules import Level
from reports.indicators.rules import (
    NUMBERS_OVER,
    Count,
    definitions,
    definitions_of_classes,
    evaluate,
    is_known,
)
from reports.releases.rules import RULE
from reports.tallies.rules import Move, Selection, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from fractions import Fraction

    from reports.indicators.rules import Definition, Value
    from reports.tallies.rules import Lines, Period, PupilLine, Tally

OF_PUPILS: Final = frozenset(
    {
        Count.CHRONIC, *NUMBERS_OVER.values(), Count.ARRIVED, Count.DEPARTED, Count.LEFT, Count.REPEATED,
        Count.PROMOTED, Count.PARTICIPANTS, Count.ENROLLED, Count.ENROLLED_OF_AGE, Count.OF_AGE_ANYWHERE,
    }
)  # fmt: skip
"""Counts of different pupils by something that can be said of one of them."""
SCHEMA: Final = "bangxanh.indicators.v1"


class Status(StrEnum):
    """How sure a figure is; a withheld one has no number at all."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class PlaceCell:
    """A place of an extract. A class has its school's code and its own name. `schools` have what is summed here."""

    kind: str
    code: str
    name: str
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """One indicator of one place. `schools` is how many schools of how many are counted in it (1, 1 for a school)."""

    place: PlaceCell
    indicator: Definition
    status: Status
    schools: tuple[int, int]
    value: Value | None = None
    level: Level | None = None

    @property
    def shown(self) -> Fraction | None:
        """The figure times its factor; None when withheld, or when nothing was counted."""
        return self.value.shown if self.value else None

    @property
    def coverage(self) -> Fraction | None:
        """The share of due sessions that was taken; None when withheld or nothing was due."""
        return self.value.coverage if self.value else None

    def as_json(self) -> dict[str, object]:
        """Return the row as plain values; what is withheld has a reason and no number, not even 0."""
        head: dict[str, object] = {
            "place_kind": self.place.kind,
            "place": self.place.code,
            "place_name": self.place.name,
            "class": self.place.class_name,
            "level": self.level or "",
            "indicator": self.indicator.code,
            "version": self.indicator.version,
            "unit": self.indicator.unit.value,
            "status": self.status.value,
            "schools_counted": self.schools[0],
            "schools": self.schools[1],
        }
        if self.value is None:
            return {**head, "reason": "confidential"}
        numbers = {
            "numerator": self.value.numerator,
            "denominator": self.value.denominator,
            "value": rounded(self.shown),
            "coverage": rounded(self.coverage),
        }
        return head | numbers


@dataclass(frozen=True, slots=True)
class Extract:
    """What may leave of a place and a period, the organisation being that of `as_of`.

    The same figures give the same digest, whatever the day on which they were asked for.
    """

    place: PlaceCell
    period: Period
    as_of: date
    rows: tuple[ExtractRow, ...]

    def as_json(self) -> dict[str, object]:
        """Return the extract as plain values, without its digest."""
        return {
            "schema": SCHEMA,
            "place": self.place.code,
            "place_name": self.place.name,
            "period": self.period.name,
            "period_first": self.period.first.isoformat(),
            "period_after_last": self.period.after_last.isoformat(),
            "as_of": self.as_of.isoformat(),
            "threshold": RULE.threshold,
            "rows": [row.as_json() for row in self.rows],
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of its canonical JSON without the day, in hex."""
        figures = {name: value for name, value in self.as_json().items() if name != "as_of"}
        text = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def definitions(self) -> list[Definition]:
        """The definitions that its rows go by, each once, in the order of the catalogue."""
        return list({row.indicator.code: row.indicator for row in self.rows}.values())


def rounded(value: Fraction | None) -> float | None:
    """Return a figure as it is written in files: to six decimals, None for none."""
    return None if value is None else round(float(value), 6)


# --- what may leave -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SchoolCell:
    """A school of an extract: its id and place, whether its table withholds it, and the classes that may be shown.

    `hidden`: the codes of its indicators that are withheld.
    """

    id: int
    place: PlaceCell
    is_withheld: bool
    classes: tuple[tuple[int, str], ...] = ()
    hidden: frozenset[str] = frozenset()

    def tells(self, indicator: str) -> bool:
        """Say whether an indicator of the school is told, or would be if the school had it."""
        return not self.is_withheld and indicator not in self.hidden


@dataclass(frozen=True, slots=True)
class Told:
    """What of the period decides beside the counts: the day that picks the definitions' versions, and two flags.

    `is_longer`: it is longer than a month. `is_running`: it is not over yet.
    """

    day: date
    is_longer: bool = False
    is_running: bool = False

    def secret(self, lines: Lines) -> frozenset[Count]:
        """Return the counts of a place that may not be told, whatever they are (points 6, 8 and 9)."""
        found = grown(lines) | (small_parts(lines) if self.is_longer else frozenset())
        return found | OF_PUPILS if self.is_running else found


def rows_of_school(
    school: SchoolCell, lines: Lines, withheld_classes: frozenset[int], told: Told
) -> Iterator[ExtractRow]:
    """Yield the rows of a school; `lines` are its own."""
    counts, day = tally(lines), told.day
    secret = given_away(lines, withheld_classes, counts) | told.secret(lines)
    yield from _rows(
        school.place, counts, definitions(day), (1, 1), is_withheld=school.is_withheld, secret=secret
    )
    for class_id, name in school.classes:
        place = PlaceCell("class", school.place.code, school.place.name, name)
        hidden = school.is_withheld or class_id in withheld_classes
        counts = tally(lines.of_class(class_id))
        yield from _rows(place, counts, definitions_of_classes(day), (1, 1), is_withheld=hidden)


def rows_of_sum(
    place: PlaceCell,
    schools: Iterable[SchoolCell],
    below: Callable[[str], Sequence[ExtractRow]],
    lines: Lines,
    told: Told,
) -> Iterator[ExtractRow]:
    """Yield the rows of a place above schools.

    `below` returns the rows of an indicator, by its code, that are told right below the place, or further below where
    the one between is withheld; each school of `schools` says itself whether its row is.
    """
    all_schools = list(schools)
    tallies: dict[frozenset[int], tuple[Tally, frozenset[Count]]] = {}
    found: list[ExtractRow] = []
    for indicator in definitions(told.day):
        counted = frozenset(school.id for school in all_schools if school.tells(indicator.code))
        if counted not in tallies:
            own = lines.of_schools(counted)
            tallies[counted] = (tally(own), told.secret(own))
        share = (len(counted), len(all_schools))
        counts, secret = tallies[counted]
        for row in _rows(place, counts, [indicator], share, is_withheld=not counted, secret=secret):
            few_moved = tells_of_movers(row, below(indicator.code))
            found.append(ExtractRow(place, indicator, Status.WITHHELD, share) if few_moved else row)
    yield from _unnested(found)


def tells_of_movers(row: ExtractRow, parts: Sequence[ExtractRow]) -> bool:
    """Say whether a row and what is told below it differ by fewer than k pupils who changed the school (point 7)."""
    if row.value is None or not row.indicator.needs & OF_PUPILS:
        return False
    values = [part.value for part in parts if part.value]
    more = sum(value.numerator for value in values) - row.value.numerator
    whole = sum(value.denominator or 0 for value in values) - (row.value.denominator or 0)
    return not (_is_safe(abs(more)) and _is_safe(abs(whole)))


def rows_of_levels(
    place: PlaceCell, unit: int, schools: Iterable[SchoolCell], lines: Lines, day: date
) -> Iterator[ExtractRow]:
    """Yield the rates of enrolment of a place above schools, level by level, where its population is known.

    They are of all its schools or of none: a rate over some of them would say something else.
    """
    all_schools = list(schools)
    own = replace(
        lines.of_schools({school.id for school in all_schools}),
        entered=tuple(one for one in lines.entered if one.unit == unit),
    )
    indicators = [one for one in definitions(day) if Count.POPULATION in one.needs]
    is_withheld = any(school.is_withheld for school in all_schools)
    share = (0 if is_withheld else len(all_schools), len(all_schools))
    for level in Level:
        counts = tally(own, selection=Selection(level=level))
        for row in _rows(place, counts, indicators, share, is_withheld=is_withheld):
            yield replace(row, level=level)


def _rows(
    place: PlaceCell,
    counts: Tally,
    indicators: Iterable[Definition],
    schools: tuple[int, int],
    *,
    is_withheld: bool,
    secret: frozenset[Count] = frozenset(),
) -> list[ExtractRow]:
    """Return a row for every indicator of which everything is known, withheld where it must be.

    What is made of `secret` counts is withheld too.
    """
    found = []
    for indicator in indicators:
        if not is_known(indicator, counts):
            continue
        value = evaluate(indicator, counts)
        if is_withheld or indicator.needs & secret or not may_leave(value):
            found.append(ExtractRow(place, indicator, Status.WITHHELD, schools))
        else:
            status = Status.PROVISIONAL if value.is_provisional else Status.FINAL
            found.append(ExtractRow(place, indicator, status, schools, value))
    return _unnested(found)


def may_leave(value: Value) -> bool:
    """Say whether a published place's figure may leave for itself (point 2)."""
    if not value.definition.needs & OF_PUPILS:
        return True
    return _is_safe(value.numerator) and (
        value.denominator is None
        or (_is_safe(value.denominator) and _is_safe(value.denominator - value.numerator))
    )


def given_away(lines: Lines, withheld: frozenset[int], counts: Tally) -> frozenset[Count]:
    """Return the counts of a school that tell how many pupils are in its withheld classes (point 5).

    For each, the pupils of withheld classes who are counted, and the sizes of the withheld classes left out as a whole.
    """
    measured, invited, took_part = (
        Counter(line.class_id for line in lines.pupils if is_in(line)) for is_in in _IN_COUNT
    )
    start = Counter(line.class_id for line in lines.cohort)
    followed = Counter(line.class_id for line in lines.cohort if line.outcome is not None)
    sizes = {line.class_id: line.size for line in lines.classes}
    ways: tuple[tuple[set[Count], Mapping[int, int], Mapping[int, int]], ...] = (
        ({Count.MEASURED}, measured, sizes),
        ({Count.INVITED}, invited, sizes),
        ({Count.ANSWERS, Count.ANSWERS_POSSIBLE, Count.ATTEMPTS}, took_part, {}),
        ({Count.AT_START}, start, {}),
        ({Count.FOLLOWED}, followed, start),
    )
    found: set[Count] = set()
    for names, counted, whole in ways:
        inside = sum(counted.get(one, 0) for one in withheld)
        left_out = sum(whole.get(one, 0) for one in withheld if not counted.get(one))
        if not _is_safe(inside) or not _is_safe(left_out):
            found |= names
    if not _is_safe(counts.count(Count.PARTICIPANTS) or 0):
        found |= {Count.ANSWERS, Count.ANSWERS_POSSIBLE, Count.ATTEMPTS}
    if not _is_safe((counts.count(Count.AT_START) or 0) - (counts.count(Count.FOLLOWED) or 0)):
        found |= {Count.FOLLOWED} if counts.count(Count.FOLLOWED) else set()
    return frozenset(found)


_IN_COUNT: Final[tuple[Callable[[PupilLine], bool], ...]] = (
    lambda line: line.expected > 0,
    lambda line: line.is_invited,
    lambda line: line.took_part,
)


def small_parts(lines: Lines) -> frozenset[Count]:
    """Return which of coming and going is 1 to k-1 pupils in some stretch of the period (point 6)."""
    found: dict[tuple[Move, date | None], set[int]] = defaultdict(set)
    for line in lines.moves:
        if line.other not in lines.schools:
            found[line.move, line.part].add(line.person.id)
    names = {Move.ARRIVED: Count.ARRIVED, Move.DEPARTED: Count.DEPARTED}
    return frozenset(names[move] for (move, _part), pupils in found.items() if not _is_safe(len(pupils)))


def grown(lines: Lines) -> frozenset[Count]:
    """Return what is counted since the year began and differs by 1 to k-1 from when it was told before (point 8)."""
    parts = sorted({part for line in lines.pupils for part, _absent in line.absences})
    absences: defaultdict[int, Counter[date]] = defaultdict(Counter)
    for line in lines.pupils:
        for part, absent in line.absences:
            absences[line.person.id][part] += absent
    sums = [list(accumulate(own[part] for part in parts)) for own in absences.values()]
    histories = {
        what: [sum(one[place] > number for one in sums) for place in range(len(parts))]
        for number, what in NUMBERS_OVER.items()
    }
    gone = {line.person.id: line.gone for line in reversed(lines.cohort)}
    ends = sorted({end for ends in gone.values() for end in ends})
    histories[Count.LEFT] = [sum(end in ends for ends in gone.values()) for end in ends]
    return frozenset(what for what, numbers in histories.items() if not _last_may_follow(numbers))


def _last_may_follow(numbers: Sequence[int]) -> bool:
    """Say whether the last of these numbers may be told after those before it that could be."""
    told: list[int] = []
    may = True
    for number in numbers:
        may = _is_safe(number) and all(_is_safe(abs(number - earlier)) for earlier in told)
        if may:
            told.append(number)
    return may


def _is_safe(count: int) -> bool:
    return count == 0 or count >= RULE.threshold


def _unnested(rows: list[ExtractRow]) -> list[ExtractRow]:
    """Withhold, of numbers that lie inside each other, those too close to the last one that is told (point 2)."""
    found: list[ExtractRow] = []
    last: int | None = None
    for row in rows:
        chained = row
        if row.value and row.indicator.needs <= frozenset(NUMBERS_OVER.values()):
            if last is not None and not _is_safe(last - row.value.numerator):
                chained = ExtractRow(row.place, row.indicator, Status.WITHHELD, row.schools)
            else:
                last = row.value.numerator
        found.append(chained)
    return found
