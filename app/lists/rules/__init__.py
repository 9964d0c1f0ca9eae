"""What a list is: columns, filters, what a reader may ask of it, and how rows in memory answer that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from app.i18n import N_
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Row = TypeVar("Row")
Value = str | int | float | bool | date | datetime | None
"""What a cell holds. Its type decides how it is written in a workbook: a number is a number, a day is a day."""
Order = str | float | date
PAGE_SIZE: Final = 50
MOST_ON_PAPER: Final = 2_000
MOST_EXPORTED: Final = 50_000
LONGEST_SEARCH: Final = 80


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: `value` is what the cell says; `order` is what it is sorted by, when that is not the value itself.

    Text is sorted as people count and in Vietnamese order. `link` and `tone` dress the cell on the page. `on_page` and
    `in_file` say where the column is; `sortable=False` when the source cannot put its rows in this order.
    """

    key: str
    label: str
    value: Callable[[Row], Value]
    order: Callable[[Row], Order | None] | None = None
    link: Callable[[Row], str | None] | None = None
    tone: Callable[[Row], str | None] | None = None
    numeric: bool = False
    on_page: bool = True
    in_file: bool = True
    sortable: bool = True


@dataclass(frozen=True, slots=True)
class Filter(Generic[Row]):
    """A choice above the list: [(value, words)]; `fits` says whether a row belongs to a value, for rows in memory.

    `unchosen` says what is listed while nothing is chosen.
    """

    key: str
    label: str
    choices: tuple[tuple[str, str], ...]
    fits: Callable[[Row, str], bool] | None = None
    unchosen: str = N_("Tất cả")


@dataclass(frozen=True, slots=True)
class ListSpec(Generic[Row]):
    """A list as a view declares it.

    The first column names the row. `search` returns the text of a row in which the reader's words are looked for, or is
    None when the source searches itself; `search_label` is empty when there is nothing to search. `numbered` puts a
    running number in front; `subject` (a kind and an id) is for lists of people: handing them out is logged.
    """

    name: str
    title: str
    columns: tuple[Column[Row], ...]
    filters: tuple[Filter[Row], ...] = ()
    search_label: str = ""
    search: Callable[[Row], str] | None = None
    first_order: str = ""
    numbered: bool = False
    page_size: int = PAGE_SIZE
    subject: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks of a list; pages count from 1, `size` is how many rows there are on one."""

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    descending: bool = False
    page: int = 1
    size: int = PAGE_SIZE

    @property
    def words(self) -> list[str]:
        """The words typed into the search box, folded."""
        return fold(self.text[:LONGEST_SEARCH]).split()

    @property
    def is_narrowed(self) -> bool:
        """Whether the reader asked for less than everything."""
        return bool(self.words) or any(self.chosen.values())


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """The rows of one page, which page it is, and how many rows there are in all."""

    rows: Sequence[Row]
    page: int
    total: int


def page_within(wanted: Wanted, total: int) -> int:
    """Return the page asked for, or the last one when there are fewer by now."""
    return min(max(1, wanted.page), max(1, -(-total // wanted.size)))


def in_memory(spec: ListSpec[Row], rows: Iterable[Row]) -> Callable[[Wanted], Slice[Row]]:
    """Return a source of rows that are few enough to be held: it searches, filters, sorts and pages them."""
    every = list(rows)

    def answer(wanted: Wanted) -> Slice[Row]:
        found = ordered(spec, [row for row in every if _fits(spec, row, wanted)], wanted)
        page = page_within(wanted, len(found))
        first = (page - 1) * wanted.size
        return Slice(found[first : first + wanted.size], page, len(found))

    return answer


def ordered(spec: ListSpec[Row], rows: list[Row], wanted: Wanted) -> list[Row]:
    """Return rows in the order of a column, empty cells last whichever way; as they came when no column is named."""
    column = next((each for each in spec.columns if each.key == wanted.order and each.sortable), None)
    if column is None:
        return rows
    keyed = [(_key(column, row), row) for row in rows]
    told = [pair for pair in keyed if pair[0] is not None]
    told.sort(key=lambda pair: pair[0], reverse=wanted.descending)  # type: ignore[arg-type, return-value] # no None left
    return [row for _key_, row in told] + [row for key, row in keyed if key is None]


def choices_of(rows: Iterable[Row], value: Callable[[Row], str]) -> tuple[tuple[str, str], ...]:
    """Return what a filter offers when it offers what occurs: each value once, as people count."""
    found = {value(row) for row in rows} - {""}
    return tuple((each, each) for each in sorted(found, key=natural_key))


def _fits(spec: ListSpec[Row], row: Row, wanted: Wanted) -> bool:
    for each in spec.filters:
        chosen = wanted.chosen.get(each.key)
        if chosen and each.fits is not None and not each.fits(row, chosen):
            return False
    text = fold(spec.search(row)) if wanted.words and spec.search else ""
    return all(word in text for word in wanted.words) if spec.search else True


def _key(column: Column[Row], row: Row) -> Order | None:
    found = column.order(row) if column.order else column.value(row)
    if found is None or found == "":
        return None
    if isinstance(found, str):
        return found if column.order else natural_key(found)
    return found
