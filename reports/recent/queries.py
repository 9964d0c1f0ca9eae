"""What was counted of many schools a moment ago, brought up to date by the schools whose cube was written since.

A month of a province is 170,000 rows of the cube: 0.2 s to add up, for each of the few pages that everybody at the
department opens. The sums of each school are kept in the process; a page asks which schools have newer rows (an index
tells, in a millisecond) and counts these alone. What leaves no trace in the cube, a pupil who was enrolled, is seen
after five minutes, when everything is counted anew. Few schools are always counted anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import func, select

from app import clock
from reports.cubes.models import ClassDay

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session, SessionTransaction

T = TypeVar("T")
FEW: Final = 20
"""So many schools are quick to count."""
ANEW_AFTER: Final = timedelta(minutes=5)
OVERLAP: Final = timedelta(seconds=30)
"""Rows written by a transaction that ends after one looked carry an earlier moment than the look."""
MOST_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    anew_at: datetime
    seen_at: datetime
    values: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class _Written:
    """Schools with the first and the last day of what was written of them since a moment, as a transaction saw it."""

    transaction: SessionTransaction | None
    since: datetime
    rows: list[tuple[int, date, date]]


_WRITTEN: Final = "reports.recent.written"
_kept: OrderedDict[Hashable, _Kept] = OrderedDict()


def by_school(
    session: Session,
    what: Hashable,
    school_ids: Collection[int],
    days: tuple[date, date],
    count: Callable[[Collection[int]], Mapping[int, T]],
) -> dict[int, T]:
    """Return {school: what `count` returns of it}, a school of which it returns nothing left out.

    `what` names the count with everything that it depends on besides schools and days; `days` is [first, after_last).
    """
    if len(school_ids) <= FEW:
        return dict(count(school_ids))
    key = (str(session.get_bind().engine.url), what, days, frozenset(school_ids))
    now, kept = clock.now(), _kept.get(key)
    if kept is None or now - kept.anew_at >= ANEW_AFTER or now < kept.seen_at:
        kept = _Kept(now, now, dict(count(school_ids)))
    else:
        kept = _brought_up_to_date(session, kept, now, school_ids, days, count)
    _keep(key, kept)
    return dict(kept.values)


def _brought_up_to_date(
    session: Session,
    kept: _Kept,
    now: datetime,
    school_ids: Collection[int],
    days: tuple[date, date],
    count: Callable[[Collection[int]], Mapping[int, Any]],
) -> _Kept:
    touched = _touched(session, kept.seen_at - OVERLAP, days).intersection(school_ids)
    untouched = {school: value for school, value in kept.values.items() if school not in touched}
    fresh = dict(count(sorted(touched))) if touched else {}
    return _Kept(kept.anew_at, now, untouched | fresh)


def _touched(session: Session, since: datetime, days: tuple[date, date]) -> set[int]:
    """Return the schools of which rows were written since, on days that may lie in [first, after_last).

    A page asks half a dozen times, for one sum after the other: within its transaction one answer does for all.
    """
    transaction, known = session.get_transaction(), session.info.get(_WRITTEN)
    if known is None or known.transaction is not transaction or known.since > since:
        # Without statistics SQLite would rather walk the index that hands it the groups: 190 ms of a province.
        written = (
            select(ClassDay.school_id, ClassDay.day)
            .where(ClassDay.computed_at >= since)
            .cte("written")
            .prefix_with("MATERIALIZED", dialect="sqlite")
        )
        days_of = select(written.c.school_id, func.min(written.c.day), func.max(written.c.day))
        rows = session.execute(days_of.group_by(written.c.school_id)).all()
        known = _Written(session.get_transaction(), since, [(row[0], row[1], row[2]) for row in rows])
        session.info[_WRITTEN] = known
    return {school for school, first, last in known.rows if first < days[1] and last >= days[0]}


def as_a_whole(session: Session, what: Hashable, school_ids: Collection[int], count: Callable[[], T]) -> T:
    """Return what `count` returns of all of these schools together; of many schools as it was within five minutes.

    For what is no sum over schools, such as pupils by sex.
    """
    if len(school_ids) <= FEW:
        return count()
    key, now = (str(session.get_bind().engine.url), what, frozenset(school_ids)), clock.now()
    kept = _kept.get(key)
    if kept is None or not timedelta() <= now - kept.anew_at < ANEW_AFTER:
        kept = _Kept(now, now, {0: count()})
        _keep(key, kept)
    found: T = kept.values[0]
    return found


def _keep(key: Hashable, kept: _Kept) -> None:
    _kept[key] = kept
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
