"""Lists too long to be held: the database pages them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, select

from app.lists.rules import Slice, page_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from app.lists.rules import Wanted

Row = TypeVar("Row")


def slice_of(
    session: Session,
    query: Select[Any],
    wanted: Wanted,
    orders: Mapping[str, Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]],
    load: Callable[[Session, Select[Any]], Sequence[Row]],
) -> Slice[Row]:
    """Return one page of a query, by two statements and those of `load`, which runs the query it is given.

    `orders` has the columns of each order that a reader may ask for. The first entry is the order when none is asked
    for, and ends every other one, so that it should end with a key. Empty cells come last whichever way.
    """
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = page_within(wanted, total)
    asked = [
        part
        for column in orders.get(wanted.order, ())
        for part in (column.is_(None), column.desc() if wanted.descending else column.asc())
    ]
    always = next(iter(orders.values()))
    found = query.order_by(None).order_by(*asked, *always).limit(wanted.size).offset((page - 1) * wanted.size)
    return Slice(load(session, found), page, total)
