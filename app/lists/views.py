"""A list over HTTP: what the address asks for, the page, and the workbook at the same address with `format=xlsx`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Generic
from urllib.parse import urlencode

from flask import Response, current_app, render_template, request
from flask_babel import gettext as _

from app import clock, db
from app.audit.commands import record
from app.http import current_actor, translate
from app.i18n import Phrase
from app.jobs import offload
from app.lists.rules import (
    LONGEST_SEARCH,
    MOST_EXPORTED,
    MOST_ON_PAPER,
    Column,
    Filter,
    ListSpec,
    Row,
    Slice,
    Value,
    Wanted,
)
from app.lists.rules.workbook import workbook
from app.text import file_name_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWN_ARGUMENTS: Final = frozenset({"q", "order", "page", "all", "format"})


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where a press on it leads, and how the list is sorted by it now."""

    key: str
    label: str
    url: str | None
    direction: str | None
    numeric: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell in words, with its address and tone."""

    label: str
    text: str
    numeric: bool
    link: str | None = None
    tone: str | None = None


@dataclass(frozen=True, slots=True)
class Line(Generic[Row]):
    """A row of the page: its running number, what it is made from, its cells."""

    number: int
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A list as the macro `ui.listing` shows it."""

    spec: ListSpec[Row]
    wanted: Wanted
    heads: tuple[Head, ...]
    lines: tuple[Line[Row], ...]
    kept: tuple[tuple[str, str], ...]
    address: str
    total: int
    page: int
    pages: int
    is_whole: bool

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing at all, so that the page should say why and what to do next."""
        return not self.lines and not self.wanted.is_narrowed

    @property
    def export_url(self) -> str:
        """The whole list, as it is narrowed and sorted now, as a workbook."""
        return self._url(format="xlsx")

    @property
    def whole_url(self) -> str:
        """The whole list on one page, for paper."""
        return self._url(all="1")

    def page_url(self, number: int) -> str:
        """Return the address of a page of this list."""
        return self._url(page=str(number))

    def _url(self, **more: str) -> str:
        order = _order_argument(self.wanted.order, descending=self.wanted.descending)
        asked = {"q": self.wanted.text, **self.wanted.chosen, "order": order, **more}
        return _address(self.address, [*self.kept, *asked.items()])


def answer(
    template: str, spec: ListSpec[Row], source: Callable[[Wanted], Slice[Row]], **context: object
) -> Response | str:
    """Answer with the page, which gets the list as `listing`, or with the workbook when the address asks for it."""
    wanted = wanted_of(spec)
    if request.args.get("format") == "xlsx":
        if spec.subject is not None:  # a list of people: as any route that hands out many people's data
            current_app.extensions["bangxanh.door"].ask_for_factor()
        return _file(spec, source(_whole(wanted, MOST_EXPORTED)))
    is_whole = request.args.get("all") == "1"
    found = source(_whole(wanted, MOST_ON_PAPER) if is_whole else wanted)
    return render_template(template, listing=_listing(spec, wanted, found, is_whole=is_whole), **context)


def wanted_of(spec: ListSpec[Row]) -> Wanted:
    """Return what the address asks of a list; what it does not know is left out."""
    asked = request.args.get("order", "")
    order = asked.removeprefix("-")
    known = {column.key for column in spec.columns if column.sortable}
    return Wanted(
        text=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        chosen={each.key: _choice(each) for each in spec.filters},
        order=order if order in known else spec.first_order,
        descending=asked.startswith("-") and order in known,
        page=request.args.get("page", 1, int),
        size=spec.page_size,
    )


def _choice(given: Filter[Row]) -> str:
    asked = request.args.get(given.key, "")
    return asked if asked in {value for value, _label in given.choices} else ""


def _whole(wanted: Wanted, most: int) -> Wanted:
    return Wanted(wanted.text, wanted.chosen, wanted.order, wanted.descending, size=most)


def _listing(spec: ListSpec[Row], wanted: Wanted, found: Slice[Row], *, is_whole: bool) -> Listing[Row]:
    first = 1 if is_whole else (found.page - 1) * wanted.size + 1
    kept = _kept(spec)
    shown = [(column, translate(column.label)) for column in spec.columns if column.on_page]
    return Listing(
        spec=spec,
        wanted=wanted,
        heads=tuple(_head(column, label, wanted, kept) for column, label in shown),
        lines=tuple(
            Line(number, row, tuple(_cell(column, label, row) for column, label in shown))
            for number, row in enumerate(found.rows, first)
        ),
        kept=kept,
        address=request.path,
        total=found.total,
        page=found.page,
        pages=1 if is_whole else max(1, -(-found.total // wanted.size)),
        is_whole=is_whole,
    )


def _kept(spec: ListSpec[Row]) -> tuple[tuple[str, str], ...]:
    """Return what else the address says (a tab, a day), which a search must not lose."""
    own = OWN_ARGUMENTS | {each.key for each in spec.filters}
    return tuple((name, value) for name, value in request.args.items() if name not in own)


def _head(column: Column[Row], label: str, wanted: Wanted, kept: Sequence[tuple[str, str]]) -> Head:
    is_current = column.key == wanted.order
    direction = ("descending" if wanted.descending else "ascending") if is_current else None
    order = _order_argument(column.key, descending=is_current and not wanted.descending)
    asked = [*kept, ("q", wanted.text), *wanted.chosen.items(), ("order", order)]
    url = _address(request.path, asked) if column.sortable else None
    return Head(column.key, label, url, direction, column.numeric)


def _order_argument(key: str, *, descending: bool) -> str:
    return f"-{key}" if descending else key


def _address(path: str, asked: Sequence[tuple[str, str]]) -> str:
    query = urlencode([(name, value) for name, value in asked if value])
    return f"{path}?{query}" if query else path


def _cell(column: Column[Row], label: str, row: Row) -> Cell:
    return Cell(
        label=label,
        text=_words(column.value(row)),
        numeric=column.numeric,
        link=column.link(row) if column.link else None,
        tone=column.tone(row) if column.tone else None,
    )


def _words(value: Value) -> str:
    """Return a value as people read it: dd/mm/yyyy, decimal comma, phrases in the reader's language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("Có") if value else _("Không"))
    if isinstance(value, datetime):
        return clock.local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return _phrase(value) if isinstance(value, str) else str(value).replace(".", ",")


def _phrase(value: str) -> str:
    """Translate what was said with `say`; any other text is somebody's name and stays as it is."""
    return translate(value) if isinstance(value, Phrase) else value


def _file(spec: ListSpec[Row], found: Slice[Row]) -> Response:
    """Hand out a list as a workbook; for lists of people the audit log says who took how many."""
    columns = [column for column in spec.columns if column.in_file]
    heads = [translate(column.label) for column in columns]
    rows = [[_typed(column.value(row)) for column in columns] for row in found.rows]
    if spec.numbered:
        heads = [_("STT"), *heads]
        rows = [[number, *row] for number, row in enumerate(rows, 1)]
    made_at = clock.local(clock.now()).replace(tzinfo=None)
    name = file_name_safe(translate(spec.title))
    db.session().rollback()
    content = offload(lambda: workbook(heads, rows, made_at))
    if spec.subject is not None:
        with db.transaction() as session:
            record(
                session,
                current_actor(),
                "list.exported",
                spec.subject,
                {"list": spec.name, "rows": len(rows)},
            )
    disposition = f'attachment; filename="{name}.xlsx"'
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": disposition})


def _typed(value: Value) -> Value:
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None)
    if isinstance(value, bool):
        return _words(value)
    return _phrase(value) if isinstance(value, str) else value
