"""The organisation of a day as reports need it: which schools a unit had then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import OrgUnit
from app.school.organisation.queries import tree_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.organisation.rules import Node, Unit


@dataclass(frozen=True, slots=True)
class PlaceTree:
    """A unit of a day with the units below it."""

    unit: Unit
    below: tuple[PlaceTree, ...] = ()

    @property
    def schools(self) -> tuple[Unit, ...]:
        """The schools of the place, in order of the tree; the unit itself when it is a school."""
        return tuple(place.unit for place in self.walk() if place.unit.kind == "school")

    def walk(self) -> Iterator[PlaceTree]:
        """Yield the place and every place below it."""
        yield self
        for place in self.below:
            yield from place.walk()


def place_tree(session: Session, code: str, day: date) -> PlaceTree | None:
    """Return the unit that carried a code on a day, as the organisation was then; a school before other units."""
    found = [node for top in tree_as_of(session, day) for node in _walk(top) if node.unit.code == code]
    found.sort(key=lambda node: (node.unit.kind != "school", node.unit.id))
    return _place(found[0]) if found else None


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _place(node: Node) -> PlaceTree:
    return PlaceTree(node.unit, tuple(_place(child) for child in node.children))


def units_in_order(session: Session, ids: Sequence[int]) -> list[OrgUnit]:
    """Return the units with these ids, in their order; one statement."""
    found = {one.id: one for one in session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids)))}
    return [found[one] for one in ids if one in found]
