"""Where the things are that the audit log speaks of, so that a school's log holds what was done there, by whomever.

A package hands `wsgi.py` (`Feature.whereabouts`), for each kind of thing that it audits, how to find those of some
units; the log meets the packages here without importing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import current_app
from sqlalchemy import exists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask
    from sqlalchemy import ColumnElement, Select

_KEY: Final = "bangxanh.whereabouts"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`is_at(number, units)` is the SQL condition that the thing of a kind with this id is at one of these units."""

    kind: str
    is_at: Callable[[ColumnElement[int], Select[tuple[int]]], ColumnElement[bool]]


def init_app(app: Flask, known: Iterable[Whereabouts]) -> None:
    """Keep what an application's features know."""
    app.extensions[_KEY] = tuple(known)


def whereabouts() -> tuple[Whereabouts, ...]:
    """Return the kinds of things whose school is known."""
    found: tuple[Whereabouts, ...] = current_app.extensions[_KEY]
    return found


def at_school(kind: str, model: Any, of: str = "id") -> Whereabouts:  # noqa: ANN401 - a mapped class with a school_id
    """Return that things of a kind are where the `school_id` of their row says; `of` is the column of their id."""
    return Whereabouts(
        kind, lambda number, units: exists().where(getattr(model, of) == number, model.school_id.in_(units))
    )
