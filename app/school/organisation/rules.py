"""Pure rules of the organisation's history: whose parent on a day, what became of a unit, the tree as it was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MANAGE_ORGANISATION: Final = Permission(
    "organisation.manage", everywhere(Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR)
)


class SuccessionKind(StrEnum):
    """How one unit took the place of another."""

    MERGED = "merged"
    SPLIT = "split"
    RENAMED = "renamed"
    MOVED = "moved"


SUCCESSION_NAMES: Final = {
    SuccessionKind.MERGED: N_("sáp nhập"),
    SuccessionKind.SPLIT: N_("chia tách"),
    SuccessionKind.RENAMED: N_("đổi tên"),
    SuccessionKind.MOVED: N_("chuyển địa bàn"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the tree needs it; `parent_id` is the parent that holds where no former parent does."""

    id: int
    kind: str
    code: str
    name: str
    parent_id: int | None
    valid_from: date
    valid_to: date | None = None
    type_name: str = ""
    name_sort: str = ""

    def holds_on(self, day: date) -> bool:
        """Say whether the unit exists on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class FormerParent:
    """A parent that a unit had from a day to the day before another."""

    unit_id: int
    parent_id: int | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Succession:
    """One unit in the place of another since a day."""

    predecessor_id: int
    successor_id: int
    kind: SuccessionKind
    on_date: date


@dataclass(slots=True)
class Node:
    """A unit in the tree of one day, with the units below it by kind and name."""

    unit: Unit
    children: list[Node] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many units the branch has, this one included."""
        return 1 + sum(child.size for child in self.children)


_KIND_ORDER: Final = {"province": 0, "district": 1, "ward": 2, "school": 3, "site": 4}


def parent_on(unit: Unit, former: Iterable[FormerParent], day: date) -> int | None:
    """Return the id of the unit's parent on a day: a former one whose period holds, else the present one."""
    for link in former:
        if link.unit_id == unit.id and link.starts_on <= day < link.ends_on:
            return link.parent_id
    return unit.parent_id


def tree_on(units: Iterable[Unit], former: Iterable[FormerParent], day: date) -> list[Node]:
    """Return the trees of the units that exist on a day. A unit whose parent does not exist then stands at the top."""
    there = {unit.id: Node(unit) for unit in units if unit.holds_on(day)}
    links: defaultdict[int, list[FormerParent]] = defaultdict(list)
    for link in former:
        links[link.unit_id].append(link)
    parents = {unit_id: parent_on(node.unit, links[unit_id], day) for unit_id, node in there.items()}
    tops = []
    for unit_id, node in there.items():
        parent_id = parents[unit_id]
        if parent_id is None or parent_id not in there or _goes_round(unit_id, parents):
            tops.append(node)
        else:
            there[parent_id].children.append(node)
    for node in there.values():
        node.children.sort(key=_order)
    return sorted(tops, key=_order)


def _goes_round(unit_id: int, parents: Mapping[int, int | None]) -> bool:
    """Say whether the way up from a unit comes back to it; such a unit would vanish from the tree."""
    above, seen = parents.get(unit_id), {unit_id}
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above == unit_id


def _order(node: Node) -> tuple[int, str, int]:
    return _KIND_ORDER.get(node.unit.kind, 9), node.unit.name_sort, node.unit.id


def today_of(unit_id: int, units: Mapping[int, Unit], links: Sequence[Succession], day: date) -> list[int]:
    """Return what stands for a unit on a later day: itself while it exists, else its successors, and theirs.

    A unit that was split has several; one that ended without a successor has none. Each stands once.
    """
    following: defaultdict[int, list[int]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (link.on_date, link.successor_id)):
        if link.on_date <= day:
            following[link.predecessor_id].append(link.successor_id)
    found: dict[int, None] = {}
    waiting, seen = [unit_id], set[int]()
    while waiting:
        current = waiting.pop(0)
        if current in seen or current not in units:
            continue
        seen.add(current)
        if units[current].holds_on(day):
            found[current] = None
        else:
            waiting += following[current]
    return list(found)


def origins_of(unit_ids: Collection[int], links: Iterable[Succession]) -> set[int]:
    """Return the units together with all that ever became one of them."""
    preceding: defaultdict[int, list[int]] = defaultdict(list)
    for link in links:
        preceding[link.successor_id].append(link.predecessor_id)
    found, waiting = set(unit_ids), list(unit_ids)
    while waiting:
        for predecessor in preceding[waiting.pop()]:
            if predecessor not in found:
                found.add(predecessor)
                waiting.append(predecessor)
    return found


def pruned(nodes: Iterable[Node], visible: Collection[int]) -> list[Node]:
    """Return the trees with only the visible units, all that is below them, and the way down to them."""
    kept = []
    for node in nodes:
        if node.unit.id in visible:
            kept.append(node)
        elif children := pruned(node.children, visible):
            kept.append(Node(node.unit, children))
    return kept


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit in a list: with the units above it, the highest first, and how many are right below it."""

    unit: Unit
    above: tuple[Unit, ...]
    below: int


def flat(nodes: Iterable[Node], above: tuple[Unit, ...] = ()) -> list[Placed]:
    """Return the units of trees one below the other, each before those below it."""
    found = []
    for node in nodes:
        found.append(Placed(node.unit, above, len(node.children)))
        found += flat(node.children, (*above, node.unit))
    return found


def turning_days(
    units: Iterable[Unit], former: Iterable[FormerParent], links: Iterable[Succession]
) -> list[date]:
    """Return the days on which the tree changed in its structure, the latest first: where a reader wants to look."""
    days = {link.ends_on for link in former} | {link.on_date for link in links}
    days |= {unit.valid_to for unit in units if unit.valid_to is not None}
    return sorted(days, reverse=True)


# --- a history in a file ------------------------------------------------------------------------------------------


class LineKind(StrEnum):
    """What one line of a history file tells."""

    UNIT = "unit"
    PARENT = "parent"
    SUCCESSION = "succession"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history file, checked for shape.

    unit: `kind` is the unit's, other_* its parent today or on its last day.
    parent: other_* was the parent in [valid_from, valid_to).
    succession: `kind` is a SuccessionKind; other_* took the unit's place on `valid_from`.
    """

    row: int
    what: LineKind
    kind: str
    type_name: str
    code_set: str
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    other_code_set: str
    other_code: str


HISTORY_COLUMNS: Final = (
    "what",
    "kind",
    "type_name",
    "code_set",
    "code",
    "name",
    "valid_from",
    "valid_to",
    "other_code_set",
    "other_code",
)
_UNIT_KINDS: Final = frozenset(_KIND_ORDER)


def history_lines(rows: Iterable[Mapping[str, str | None]]) -> list[HistoryLine]:
    """Return the lines of a CSV with the columns HISTORY_COLUMNS; raise InvalidError that names the first bad line."""
    return [_history_line(number, row) for number, row in enumerate(rows, 2)]


def _history_line(number: int, row: Mapping[str, str | None]) -> HistoryLine:
    cells = {name: (row.get(name) or "").strip() for name in HISTORY_COLUMNS}
    try:
        what = LineKind(cells["what"])
        valid_from = date.fromisoformat(cells["valid_from"])
        valid_to = date.fromisoformat(cells["valid_to"]) if cells["valid_to"] else None
    except ValueError as error:
        raise _bad_line(number, str(error)) from error
    if not _is_sound(what, cells, valid_from, valid_to):
        raise _bad_line(number, f"{what} {cells['kind']} {cells['code']}")
    return HistoryLine(
        number,
        what,
        cells["kind"],
        cells["type_name"],
        cells["code_set"],
        cells["code"],
        cells["name"],
        valid_from,
        valid_to,
        cells["other_code_set"] or cells["code_set"],
        cells["other_code"],
    )


def _bad_line(number: int, why: str) -> InvalidError:
    return InvalidError(say("Dòng %(row)s của tệp không đúng mẫu: %(why)s.", row=number, why=why))


def _is_sound(what: LineKind, cells: Mapping[str, str], valid_from: date, valid_to: date | None) -> bool:
    """Say whether a line has what its kind needs."""
    if not cells["code"] or not cells["code_set"] or (valid_to is not None and valid_to <= valid_from):
        return False
    if what is LineKind.UNIT:
        return cells["kind"] in _UNIT_KINDS and bool(cells["name"])
    if what is LineKind.PARENT:
        return valid_to is not None
    return cells["kind"] in set(SuccessionKind)
