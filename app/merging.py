"""What hangs on a pupil's record in each package, and how it goes over to another record of the same pupil.

A package that stores things about pupils hands its belongings to `wsgi.py` (`Feature.belongings`); who merges two
records asks them all, and packages meet here without importing each other. Nothing is ever deleted: what cannot go
over, because the other record has the same thing, stays where it is and is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app
from sqlalchemy import and_, exists, func, select, true, update
from sqlalchemy.orm import aliased

from app.errors import ConflictError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask
    from sqlalchemy import ColumnElement, CursorResult
    from sqlalchemy.orm import Session

_KEY: Final = "bangxanh.belongings"
Journal = dict[str, Any]
"""What a move did, as plain JSON values, for taking it back."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of one pupil: the one that is kept, and the one that goes."""

    kept: int
    gone: int


@dataclass(frozen=True, slots=True)
class Clash:
    """How many things of the record that goes stay there, because the kept one has its own; some of them in words."""

    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belonging:
    """One kind of thing. `label` (a message id) names it; `move_back` raises ConflictError when something changed."""

    name: str
    label: str
    count: Callable[[Session, int], int]
    clash: Callable[[Session, Pair], Clash]
    move: Callable[[Session, Pair], Journal]
    move_back: Callable[[Session, Pair, Journal], None]


def init_app(app: Flask, belongings: Iterable[Belonging]) -> None:
    """Keep the belongings of an application's features."""
    app.extensions[_KEY] = tuple(belongings)


def belongings() -> tuple[Belonging, ...]:
    """Return everything that may hang on a pupil, in the order of the features."""
    found: tuple[Belonging, ...] = current_app.extensions[_KEY]
    return found


def rows_of(
    model: Any,  # noqa: ANN401 - a mapped class with a column pupil_id
    label: str,
    *,
    key: str = "id",
    unique: tuple[str, ...] = (),
    only: Callable[[Any], ColumnElement[bool]] | None = None,
) -> Belonging:
    """Return a table whose rows go over by their `pupil_id`. One pupil has at most one row for each value of `unique`.

    `key` is the column that tells a pupil's rows apart. `only` says of the table, or of an alias of it, which rows are
    meant at all; the others stay with the record that they were made for.
    """

    def meant(table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as `model`
        return true() if only is None else only(table)

    def keys(session: Session, pair: Pair, *, clash: bool) -> list[Any]:
        query = select(getattr(model, key)).where(model.pupil_id == pair.gone, meant(model))
        if not unique:
            return [] if clash else list(session.scalars(query))
        other = aliased(model)
        same = and_(*(getattr(other, name) == getattr(model, name) for name in unique))
        clashing = exists().where(other.pupil_id == pair.kept, meant(other), same)
        return list(session.scalars(query.where(clashing if clash else ~clashing)))

    def count(session: Session, pupil_id: int) -> int:
        query = select(func.count()).select_from(model).where(model.pupil_id == pupil_id, meant(model))
        return session.scalar(query) or 0

    def move(session: Session, pair: Pair) -> Journal:
        moved = keys(session, pair, clash=False)
        _hand_over(session, model, key, moved, (pair.gone, pair.kept))
        return {"keys": moved}

    def move_back(session: Session, pair: Pair, journal: Journal) -> None:
        _hand_over(session, model, key, journal["keys"], (pair.kept, pair.gone))

    return Belonging(
        model.__tablename__,
        label,
        count,
        lambda session, pair: Clash(len(keys(session, pair, clash=True))),
        move,
        move_back,
    )


def _hand_over(session: Session, model: Any, key: str, keys: list[Any], between: tuple[int, int]) -> None:  # noqa: ANN401
    """Give rows of one pupil to another; raise ConflictError when one of them is no longer the first pupil's."""
    session.flush()
    done = session.execute(
        update(model)
        .where(getattr(model, key).in_(keys), model.pupil_id == between[0])
        .values(pupil_id=between[1])
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    if cast("CursorResult[object]", done).rowcount != len(keys):
        raise ConflictError(say("Dữ liệu của hai hồ sơ đã thay đổi từ lúc đó. Hãy tải lại trang."))
