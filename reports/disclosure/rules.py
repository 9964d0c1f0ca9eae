"""What may leave: a table of counts over a hierarchy, with every cell withheld that must be, and no more.

**The protection rule.** A cell describes `persons`; k is the threshold (10 unless the department decides otherwise).

1. A cell is *primary* when it holds anything at all and describes fewer than k persons, or when one of its
   denominators lies between 1 and k-1. A primary cell is never published.
2. Somebody who knows every published cell, which cells were withheld, that children add up to their parent, that
   counts are not negative and that a part is not larger than its whole, must not be able to bound any count of
   any withheld cell (primary or secondary) tighter than to an interval of width w, where

   * w = k for persons,
   * w = k for denominators; 0 where the nearest published cell above has 0 itself: then nothing was counted of anybody
     below it (a month without registers), and there is nothing to hide,
   * w = min(v, N) for numerators, where v is the measure's own width (at least 1: never exact) and N is the same count
     of the nearest published cell above. N = 0 says by itself that all counts below are 0; nothing withheld hides it.

   With no published cell above there is no upper bound and nothing is asked.
3. It follows that no sum of withheld cells that can be computed by subtraction describes fewer than k persons: each
   of its terms would lie between 0 and that sum.
4. All counts of a withheld cell are withheld together, with everything below the cell. Whether a cell was withheld
   for itself or to protect another one is not told outside (telling it would tell that a count is below k).
5. The pattern of a published period is frozen: a revision gets the cells withheld before as `frozen` and only adds.
6. Where anything is withheld, the cells that every other period of the same cells withheld are withheld with it
   (`together`). Otherwise {A, B} in one month and {A, C} in the next give A away to whoever supposes that B and C are
   as large as a month ago: now some cells are withheld always, and they are as large as the rule asks.

Who knows more than that, such as a pupil about himself, or the number of sessions of each withheld class together
with both the persons and the denominators, is outside the rule; docs/adr/0051-disclosure-control.md says what follows.

`protect` builds the pattern by construction; `reports.attacker` knows nothing of how and tries to break it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Key: TypeAlias = tuple[str, ...]
"""The path of a cell from the top of its hierarchy: () is the top, ("S1",) a school, ("S1", "4/2") a class."""

DEFAULT_THRESHOLD: Final = 10


class Kind(StrEnum):
    """What a count counts: it decides how closely the count may be bounded."""

    PERSONS = "persons"
    DENOMINATOR = "denominator"
    NUMERATOR = "numerator"


@dataclass(frozen=True, slots=True)
class Measure:
    """An additive count. Measures that name the same `within` are parts of it that do not overlap.

    `width` is how closely a numerator may be bounded (v of the rule); persons and denominators go by the threshold.
    """

    name: str
    kind: Kind
    within: str | None = None
    width: int = DEFAULT_THRESHOLD


@dataclass(frozen=True, slots=True)
class Rule:
    """The threshold k of the protection rule; see the top of this file."""

    threshold: int = DEFAULT_THRESHOLD

    def width(self, measure: Measure, above: int) -> int:
        """Return how wide an attacker's interval must be at least; `above` is N of the rule."""
        if measure.kind is Kind.NUMERATOR:
            return min(measure.width, above)
        if measure.kind is Kind.DENOMINATOR and above == 0:
            return 0
        return self.threshold


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of every cell of a hierarchy. Raises ValueError when children do not add up to their parent."""

    measures: tuple[Measure, ...]
    counts: Mapping[Key, Mapping[str, int]]
    children: Mapping[Key, tuple[Key, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Index the hierarchy and check that it is one."""
        object.__setattr__(self, "children", children_of(self.counts))
        for parent, children in self.children.items():
            for measure in self.measures:
                total = sum(self.counts[child][measure.name] for child in children)
                if parent not in self.counts or self.counts[parent][measure.name] != total:
                    message = f"{measure.name} of {parent} is not the sum of its {len(children)} parts"
                    raise ValueError(message)

    def persons(self, key: Key) -> int:
        """Return how many persons a cell describes (the largest count, should several count persons)."""
        return max(self.counts[key][m.name] for m in self.measures if m.kind is Kind.PERSONS)

    def is_empty(self, key: Key) -> bool:
        """Say whether a cell holds nothing: no pupils, no sessions. There is nothing in it to protect."""
        return not any(self.counts[key][measure.name] for measure in self.measures)

    def is_primary(self, key: Key, rule: Rule) -> bool:
        """Say whether a cell may not be published for its own sake (point 1 of the rule)."""
        denominators = (self.counts[key][m.name] for m in self.measures if m.kind is Kind.DENOMINATOR)
        return not self.is_empty(key) and (
            self.persons(key) < rule.threshold or any(0 < count < rule.threshold for count in denominators)
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which cells are withheld. `primary` stays inside; only `withheld` is told to anybody."""

    withheld: frozenset[Key]
    primary: frozenset[Key]

    @property
    def digest(self) -> str:
        """The SHA-256 of the withheld cells, in hex: two releases with the same digest hide the same."""
        return pattern_digest(self.withheld)


def pattern_digest(withheld: Iterable[Key]) -> str:
    """Return the SHA-256 of withheld cells, in hex, whatever their order."""
    lines = "\n".join("\x1f".join(key) for key in sorted(withheld))
    return hashlib.sha256(lines.encode()).hexdigest()


def children_of(keys: Iterable[Key]) -> dict[Key, tuple[Key, ...]]:
    """Return the children of every cell that has any, parents and children each in order."""
    below_top = sorted(key for key in keys if key)
    by_parent = groupby(sorted(below_top, key=lambda key: (key[:-1], key)), key=lambda key: key[:-1])
    return {parent: tuple(children) for parent, children in by_parent}


def protect(
    table: Table, rule: Rule, frozen: frozenset[Key] = frozenset(), together: frozenset[Key] = frozenset()
) -> Pattern:
    """Return the cells to withhold so that the protection rule holds; the same table gives the same pattern.

    `frozen` are the cells withheld in earlier releases of the same period, `together` those that all other periods
    withheld (point 6). Works from the bottom upwards: below each
    published parent the withheld children must be at least two and together as large as the rule asks, since each
    of them can then lie anywhere between 0 and their sum. Where all children together do not suffice, the parent
    is withheld too, and protected among its own siblings in turn.
    """
    primary = frozenset(key for key in table.counts if table.is_primary(key, rule))
    withheld = set(primary) | (frozen & table.counts.keys())
    if withheld:
        withheld |= together & table.counts.keys()
    for parent in sorted(table.children, key=lambda key: (-len(key), key)):
        if parent not in withheld and withheld.intersection(table.children[parent]):
            block = _completed(table, rule, parent, withheld)
            withheld |= block or {parent}
    return Pattern(_with_everything_below(table, withheld), primary)


def always_withheld(patterns: Iterable[set[Key]]) -> frozenset[Key]:
    """Return the cells to withhold `together`: of patterns that have cells in common, those that all of them have.

    Patterns without a common cell (of another school year) stand each for itself.
    """
    cores: list[frozenset[Key]] = []
    for pattern in patterns:
        if not any(core & pattern for core in cores):
            cores.append(frozenset(pattern))
        cores = [core & pattern or core for core in cores]
    return frozenset[Key]().union(*cores)


def _completed(table: Table, rule: Rule, parent: Key, withheld: set[Key]) -> set[Key] | None:
    """Return the withheld children of `parent` with those added that protect them; None if all would not do."""
    block = withheld.intersection(table.children[parent])
    while not _is_protected(table, rule, parent, block):
        candidates = [key for key in table.children[parent] if key not in block and not table.is_empty(key)]
        if not candidates:
            return None
        enough = [key for key in candidates if _is_protected(table, rule, parent, block | {key})]
        smallest = min(enough, key=lambda key: (table.persons(key), key), default=None)
        block = block | {smallest or max(candidates, key=lambda key: (table.persons(key), key))}
    return block


def _is_protected(table: Table, rule: Rule, parent: Key, block: set[Key]) -> bool:
    """Say whether each of these children of a published parent can lie between 0 and a large enough sum."""
    if sum(not table.is_empty(key) for key in block) < 2:  # noqa: PLR2004 - one alone is found by subtraction
        return False
    return all(
        sum(table.counts[key][measure.name] for key in block)
        >= rule.width(measure, table.counts[parent][measure.name])
        for measure in table.measures
    )


def _with_everything_below(table: Table, withheld: set[Key]) -> frozenset[Key]:
    return frozenset(
        key for key in table.counts if any(key[:depth] in withheld for depth in range(len(key) + 1))
    )
