"""The attacker bounds what was withheld as closely as he can, given only what was published.

He knows nothing of `protect`. He writes down every published cell, every sum of the hierarchy, and asks a linear
programming solver (HiGHS, by scipy.optimize.linprog) for the least and greatest value of each withheld count. His
answer, stored with a release, is its certificate. Method: cell suppression audit as in Hundepool et al.,
Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from reports.disclosure.rules import children_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.disclosure.rules import Key, Measure, Rule

METHOD: Final = "scipy.optimize.linprog/highs"
UNBOUNDED: Final = 3
TOLERANCE: Final = 1e-6

Published: TypeAlias = "Mapping[Key, Mapping[str, int] | None]"
"""Every cell of the release; None where it is withheld."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the attacker learns of one withheld count: it lies in [low, high]; high None means without bound."""

    key: Key
    measure: str
    low: int
    high: int | None
    needed: int

    @property
    def holds(self) -> bool:
        """Whether the interval is as wide as the protection rule asks."""
        return self.high is None or self.high - self.low >= self.needed


@dataclass(frozen=True, slots=True)
class Certificate:
    """The attacker's whole answer for one release."""

    threshold: int
    bounds: tuple[Bound, ...]
    method: str = METHOD

    @property
    def passed(self) -> bool:
        """Whether every withheld count is protected."""
        return all(bound.holds for bound in self.bounds)

    def as_json(self) -> dict[str, object]:
        """Return the certificate as plain values, for storing beside the release. It does not leave."""
        return {**asdict(self), "passed": self.passed}


def audit(published: Published, measures: Sequence[Measure], rule: Rule) -> Certificate:
    """Attack a release and return what was found; `published` holds None for each withheld cell."""
    groups: dict[Key | None, list[Key]] = defaultdict(list)
    for key in sorted(key for key, counts in published.items() if counts is None):
        groups[_nearest_published(published, key)].append(key)
    bounds = [
        bound
        for above, keys in sorted(groups.items(), key=lambda item: (item[0] is not None, item[0] or ()))
        for bound in _attack_group(published, measures, rule, above, keys)
    ]
    return Certificate(rule.threshold, tuple(bounds))


def _nearest_published(published: Published, key: Key) -> Key | None:
    above = (key[:depth] for depth in range(len(key) - 1, -1, -1))
    return next((parent for parent in above if published.get(parent) is not None), None)


def _attack_group(
    published: Published, measures: Sequence[Measure], rule: Rule, above: Key | None, keys: list[Key]
) -> list[Bound]:
    """Bound the counts of withheld cells that hang together: those below the same published cell."""
    system = _System(published, measures, keys)
    ancestor = published[above] if above is not None else None
    return [
        Bound(
            key,
            measure.name,
            low=system.extreme(key, measure, sign=1) or 0,
            high=system.extreme(key, measure, sign=-1),
            needed=rule.width(measure, ancestor[measure.name]) if ancestor is not None else 0,
        )
        for key in keys
        for measure in measures
    ]


class _System:
    """The equations and inequalities that tie the counts of some withheld cells together.

    Rows are coefficients by column; scipy is loaded on first need: a second and 60 MB that most processes never use.
    """

    def __init__(self, published: Published, measures: Sequence[Measure], keys: list[Key]) -> None:
        self._column = {
            (key, measure.name): index
            for index, (key, measure) in enumerate((k, m) for k in keys for m in measures)
        }
        self._sums = self._equations(published, measures, set(keys))
        self._parts = self._inequalities(measures, keys)

    def extreme(self, key: Key, measure: Measure, *, sign: int) -> int | None:
        """Return the least (sign 1) or greatest (sign -1) whole value of one count; None if there is none.

        Raises RuntimeError when the published figures contradict each other.
        """
        from scipy.optimize import linprog  # noqa: PLC0415 - see the class

        objective = self._row({(key, measure.name): sign})
        sums, totals = self._sums
        result = linprog(
            objective,
            A_eq=sums or None,
            b_eq=totals or None,
            A_ub=self._parts or None,
            b_ub=[0.0] * len(self._parts) or None,
            bounds=(0, None),
            method="highs",
        )
        if result.status == UNBOUNDED:
            return None
        if not result.success:
            message = f"the release contradicts itself near {key}: {result.message}"
            raise RuntimeError(message)
        value = (result.fun or 0.0) * sign
        return math.ceil(value - TOLERANCE) if sign > 0 else math.floor(value + TOLERANCE)

    def _row(self, coefficients: Mapping[tuple[Key, str], float]) -> list[float]:
        row = [0.0] * len(self._column)
        for unknown, coefficient in coefficients.items():
            row[self._column[unknown]] = coefficient
        return row

    def _equations(
        self, published: Published, measures: Sequence[Measure], unknown: set[Key]
    ) -> tuple[list[list[float]], list[float]]:
        """Return, for each sum with an unknown in it and each measure, its row and what the unknowns add up to."""
        rows, totals = [], []
        for parent, children in children_of(published).items():
            members = {parent: -1.0} | dict.fromkeys(children, 1.0)
            if not unknown.intersection(members):
                continue
            for measure in measures:
                known = {key: counts for key in members if (counts := published[key]) is not None}
                rows.append(self._row({(k, measure.name): w for k, w in members.items() if k not in known}))
                totals.append(-sum(members[key] * counts[measure.name] for key, counts in known.items()))
        return rows, totals

    def _inequalities(self, measures: Sequence[Measure], keys: list[Key]) -> list[list[float]]:
        """Return a row for each whole and key: its parts less the whole are at most 0."""
        wholes = sorted({measure.within for measure in measures if measure.within is not None})
        parts = {whole: [m.name for m in measures if m.within == whole] for whole in wholes}
        return [
            self._row({(key, whole): -1.0} | {(key, part): 1.0 for part in parts[whole]})
            for key in keys
            for whole in wholes
        ]


def audit_split(
    pupils: Mapping[str, int], told: Mapping[str, int | None], total: int | None, rule: Rule
) -> Certificate:
    """Attack a split (reports.splits): {part: pupils}, {part: group, None where withheld}, the group's total or None.

    Everybody knows the pupils of each part. A part smaller than the threshold needs to be hidden within itself only.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - see `_System`

    hidden = sorted(part for part, count in told.items() if count is None)
    sums = None if total is None else [[1.0] * len(hidden)]
    rest = None if total is None else [float(total - sum(count or 0 for count in told.values()))]
    limits = [(0.0, float(pupils[part])) for part in hidden]
    bounds = []
    for column, part in enumerate(hidden):
        ends = []
        for sign in (1.0, -1.0):
            objective = [sign if place == column else 0.0 for place in range(len(hidden))]
            result = linprog(objective, A_eq=sums, b_eq=rest, bounds=limits, method="highs")
            if not result.success:
                message = f"the split contradicts itself near {part}: {result.message}"
                raise RuntimeError(message)
            ends.append((result.fun or 0.0) * sign)
        low, high = math.ceil(ends[0] - TOLERANCE), math.floor(ends[1] + TOLERANCE)
        bounds.append(Bound((part,), "group", low, high, min(rule.threshold, pupils[part])))
    return Certificate(rule.threshold, tuple(bounds))
