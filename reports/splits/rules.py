"""Which cells of a split may leave, when everybody knows how many pupils each part has.

A split has parts (grades), of each the number of its pupils, and how many of them belong to a group. The number of the
others follows by subtraction, so both must be safe. What is known outside: the pupils of every part, the group's total,
and the cells that are told. The rule is that of reports.disclosure, for a table whose margins are published:

1. A cell is withheld where the group or the rest counts 1 to k-1, and where the part itself is withheld already.
2. What is withheld must lie in an interval at least k wide, or as wide as the whole part where that is smaller.
3. Where no further cell helps, the total is withheld too, and with it every part that has pupils.
4. What an earlier release withheld stays withheld.

With published margins an interval has a closed form: of the withheld parts together, S belong to the group and N pupils
to the parts; a part of P pupils then lies between max(0, S - (N - P)) and min(P, S). `reports.attacker` finds the same
by linear programming and knows nothing of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.releases.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Split:
    """Pupils by part, and how many of them belong to the group. Raises ValueError when a group is larger."""

    pupils: Mapping[str, int]
    group: Mapping[str, int]

    def __post_init__(self) -> None:
        """Check that a group is part of its part."""
        if any(self.group[part] > pupils for part, pupils in self.pupils.items()):
            message = "a group is larger than the part that it is of"
            raise ValueError(message)

    @property
    def total(self) -> int:
        """The group in all parts together."""
        return sum(self.group.values())


@dataclass(frozen=True, slots=True)
class SplitPattern:
    """The withheld parts; `hides_total`: the group's total is withheld as well."""

    withheld: frozenset[str]
    hides_total: bool


def protect_split(
    split: Split, frozen: frozenset[str] = frozenset(), *, hides_total: bool = False, threshold: int = 0
) -> SplitPattern:
    """Return what to withhold; `frozen` and `hides_total` are what was withheld before, or has to be anyway."""
    k = threshold or RULE.threshold
    whole = sum(split.pupils.values())
    if hides_total or not _is_safe(split.total, whole, k):
        return _everything(split)
    withheld = {part for part, pupils in split.pupils.items() if not _is_safe(split.group[part], pupils, k)}
    withheld |= frozen & split.pupils.keys()
    while not _is_protected(split, withheld, k):
        others = [part for part, pupils in split.pupils.items() if pupils and part not in withheld]
        if not others:
            return _everything(split)
        withheld.add(min(others, key=lambda part: (split.pupils[part], part)))
    return SplitPattern(frozenset(withheld), hides_total=False)


def _everything(split: Split) -> SplitPattern:
    return SplitPattern(frozenset(part for part, pupils in split.pupils.items() if pupils), hides_total=True)


def _is_safe(group: int, pupils: int, k: int) -> bool:
    return all(count == 0 or count >= k for count in (group, pupils - group))


def _is_protected(split: Split, withheld: set[str], k: int) -> bool:
    group = sum(split.group[part] for part in withheld)
    pupils = sum(split.pupils[part] for part in withheld)
    return all(
        min(size, group) - max(0, group - (pupils - size)) >= min(k, size)
        for size in (split.pupils[part] for part in withheld)
    )
