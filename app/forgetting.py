"""What every table holds of a pupil, and what becomes of it when the pupil is forgotten.

A package that stores things about pupils hands its traces to `wsgi.py` (`Feature.traces`); who forgets a pupil asks
them all, and packages meet here without importing each other. Counts stay: rows that figures are made of remain, under
a number without a name. `tests/app_wide/test_forgetting.py` fails for a table that names a pupil and has no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from flask import current_app
from sqlalchemy import delete, func, select, update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Flask
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_KEY: Final = "bangxanh.traces"


class Fate(StrEnum):
    """What becomes of rows: deleted; kept without their words; kept as they are, which name nobody."""

    GONE = "gone"
    EMPTIED = "emptied"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who is forgotten: the record, the schools it was ever at, and the words that only this pupil answers to."""

    pupil_id: int
    school_ids: frozenset[int]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Removed:
    """Links of hash chains whose words were taken out, by the table's name: they are vouched for by the audit log."""

    links: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Trace:
    """One kind of thing; `tables` are those that it answers for.

    `label` (a message id) names it to who decides; of what is emptied it says what goes and what is kept.
    `forget` runs in the transaction that forgets, and may return links of a hash chain that it emptied.
    """

    label: str
    tables: tuple[str, ...]
    fate: Fate
    count: Callable[[Session, Leaving], int]
    forget: Callable[[Session, Leaving], Removed | None]


def init_app(app: Flask, traces: Iterable[Trace]) -> None:
    """Keep the traces of an application's features."""
    app.extensions[_KEY] = tuple(traces)


def traces() -> tuple[Trace, ...]:
    """Return everything that may be kept of a pupil, in the order of the features, which is that of forgetting."""
    found: tuple[Trace, ...] = current_app.extensions[_KEY]
    return found


def rows_gone(
    model: Any,  # noqa: ANN401 - a mapped class
    label: str,
    which: Callable[[Leaving], ColumnElement[bool]] | None = None,
) -> Trace:
    """Return a table whose rows about a pupil are deleted: those of its `pupil_id`, or `which`."""

    def forget(session: Session, who: Leaving) -> None:
        session.execute(delete(model).where(_meant(model, which, who)), execution_options=_AT_ONCE)

    return Trace(label, (model.__tablename__,), Fate.GONE, _counter(model, which), forget)


def rows_emptied(
    model: Any,  # noqa: ANN401 - as above
    label: str,
    values: Mapping[str, object],
    which: Callable[[Leaving], ColumnElement[bool]] | None = None,
) -> Trace:
    """Return a table whose rows about a pupil stay, with `values` in the place of what somebody wrote."""

    def forget(session: Session, who: Leaving) -> None:
        query = update(model).where(_meant(model, which, who)).values(**values)
        session.execute(query, execution_options=_AT_ONCE)

    return Trace(label, (model.__tablename__,), Fate.EMPTIED, _counter(model, which), forget)


def rows_stay(model: Any, label: str) -> Trace:  # noqa: ANN401 - as above
    """Return a table whose rows about a pupil hold numbers and dates only, and stay: figures are made of them."""
    return Trace(
        label, (model.__tablename__,), Fate.STAYS, _counter(model, None), lambda _session, _leaving: None
    )


_AT_ONCE: Final = {"synchronize_session": False}


def _meant(
    model: Any,  # noqa: ANN401 - as above
    which: Callable[[Leaving], ColumnElement[bool]] | None,
    who: Leaving,
) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = model.pupil_id == who.pupil_id if which is None else which(who)
    return mine


def _counter(
    model: Any,  # noqa: ANN401 - as above
    which: Callable[[Leaving], ColumnElement[bool]] | None,
) -> Callable[[Session, Leaving], int]:
    def count(session: Session, who: Leaving) -> int:
        query = select(func.count()).select_from(model).where(_meant(model, which, who))
        return session.scalar(query) or 0

    return count
