"""What other packages have built on pupils and classes: asked before something is taken back.

A package that stores things about pupils hands its claims to `wsgi.py` (`Feature.claims`); who takes a roster import
back asks them all, and packages meet here without importing each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import current_app
from sqlalchemy import func, select

from app.db import Base
from app.i18n import Phrase, say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import date, datetime

    from flask import Flask
    from sqlalchemy.orm import Session

_KEY: Final = "bangxanh.claims"


@dataclass(frozen=True, slots=True)
class Ground:
    """What is about to be taken back: the classes whose roster was changed, from which school day, written when."""

    school_id: int
    class_ids: frozenset[int]
    since: date
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """`count(session, ground)` says how many things of a package stand on a ground; `words` (a message id) name them.

    `words` have the parameter %(count)s and are said only when it is not zero.
    """

    words: str
    count: Callable[[Session, Ground], int]


def init_app(app: Flask, claims: Iterable[Claim]) -> None:
    """Keep the claims of an application's features."""
    app.extensions[_KEY] = tuple(claims)


def claims_on(session: Session, ground: Ground) -> list[Phrase]:
    """Return what stands on a ground, in words; an empty list when nothing does."""
    counted = [(claim, claim.count(session, ground)) for claim in current_app.extensions[_KEY]]
    return [say(claim.words, count=count) for claim, count in counted if count]


def rows_on(session: Session, table: str, ids: Collection[int]) -> dict[str, int]:
    """Return {table: rows} that refer to rows of a table and would refuse their deletion, from the foreign keys."""
    counted: dict[str, int] = {}
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if (
                key.column.table.name == table
                and key.column.name == "id"
                and key.ondelete != "CASCADE"
                and ids
            ):
                query = select(func.count()).select_from(other).where(key.parent.in_(ids))
                counted[other.name] = counted.get(other.name, 0) + (session.scalar(query) or 0)
    return {name: count for name, count in counted.items() if count}
