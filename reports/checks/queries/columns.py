"""Tables of whole numbers, out of the database as columns: arrays of numbers for each page of rows.

A row for a row costs PostgreSQL a message and the reader a step of Python, eleven million times. A page of many
thousand rows is *one* row here: a text of bytes for each few columns, packed by arithmetic into one number of eight
bytes, which numpy reads as they lie. `string_agg(int8send(...))` costs PostgreSQL a third of an array of the same
numbers. Counts that would not fit into their bits are seen (`bit_or`), and the page is asked for again, unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import ndarray
    from psycopg import Connection

ROWS_OF_A_PAGE: Final = 120_000
HALF, WHOLE = 32, 64
"""Bits of the two sizes of numbers; one bit is the sign's where the first column is not a whole half."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its SQL (`{first}` is the page's first key), in how many bits it is sent, SQLite's SQL.

    A `count` may be any number, so that what does not fit is seen. An id of 32 bits or a day of 16 always fits, and so
    does a `small` number, of 16 bits with their sign.
    """

    name: str
    sql: str
    bits: int = HALF
    count: bool = False
    small: bool = False
    for_sqlite: str = ""


@dataclass(frozen=True)
class Table:
    """Whole numbers of rows: the columns, `FROM ... WHERE ...`, and the key that pages are cut by.

    Keys are dense enough: `rows_of_a_key` says how many rows have the same one, roughly. `ends` is the query of the
    smallest and the largest.
    """

    columns: tuple[Column, ...]
    source: str
    key: str
    ends: str
    rows_of_a_key: int = 1

    @cached_property
    def packs(self) -> list[list[Column]]:
        """The columns, side by side as far as they fit into one number."""
        packs: list[list[Column]] = []
        for column in self.columns:
            if packs and sum(one.bits for one in packs[-1]) + column.bits <= WHOLE:
                packs[-1].append(column)
            else:
                packs.append([column])
        return packs

    @cached_property
    def widths(self) -> list[int]:
        """The numbers of bits of counts."""
        return sorted({column.bits for column in self.columns if column.count})

    def packed_query(self, first: int, last: int) -> str:
        """Return the query of the keys [first, last]: what counts have in common, then a text for each pack."""
        seen = [
            f"coalesce(bit_or(({' | '.join(counts)})::int8), 0)"
            for bits in self.widths
            for counts in [[one.sql for one in self.columns if one.count and one.bits == bits]]
        ]
        packs = [f"string_agg({_send(pack)}, '')" for pack in self.packs]
        return self._between(", ".join([*seen, *packs]), first, last)

    def plain_query(self, first: int, last: int) -> str:
        """Return the query of the keys [first, last]: a text for each column."""
        texts = ", ".join(f"string_agg(int4send(({column.sql})::int4), '')" for column in self.columns)
        return self._between(texts, first, last)

    def rows_query(self, first: int, last: int) -> str:
        """Return SQLite's query of the keys [first, last], row by row."""
        columns = ", ".join(column.for_sqlite or column.sql for column in self.columns)
        return self._between(columns, first, last)

    def _between(self, selected: str, first: int, last: int) -> str:
        selected = selected.replace("{first}", str(first))
        return f"SELECT {selected} {self.source} AND {self.key} BETWEEN {first} AND {last}"

    def ranges(self, connection: Any) -> list[tuple[int, int]]:  # noqa: ANN401 - of psycopg, or of SQLite
        """Return first and last key of each page."""
        ends = connection.execute(self.ends).fetchone()
        if ends is None or ends[0] is None:
            return []
        first, last = ends
        step = max(1, ROWS_OF_A_PAGE // self.rows_of_a_key)
        return [(start, min(start + step - 1, last)) for start in range(first, last + 1, step)]


def page_of(connection: Any, table: Table, keys: tuple[int, int]) -> dict[str, ndarray]:  # noqa: ANN401 - see `ranges`
    """Return the rows of a page as {column: numbers}. Raises ValueError where a row lacks one of them."""
    if not hasattr(connection, "pgconn"):
        return _of_rows(connection, table, keys)
    with connection.cursor(binary=True) as cursor:
        cursor.execute(table.packed_query(*keys))
        result = cursor.pgresult
        seen = [int.from_bytes(result.get_value(0, place), signed=True) for place in range(len(table.widths))]
        if all(0 <= common < 1 << bits for common, bits in zip(seen, table.widths, strict=True)):
            return dict(_unpacked(result, table, len(seen)))
        cursor.execute(table.plain_query(*keys))
        return {
            column.name: _numbers(cursor.pgresult, place, HALF) for place, column in enumerate(table.columns)
        }


def pages(connection: Connection[Any], table: Table) -> Iterator[dict[str, ndarray]]:
    """Yield the rows of a whole table, page by page."""
    return (page_of(connection, table, keys) for keys in table.ranges(connection))


def _send(pack: list[Column]) -> str:
    """Return the SQL of the bytes in which a pack travels."""
    whole = _is_whole(pack)
    first = _masked(pack[0]) if pack[0].count else pack[0].sql
    number = f"({first})::{'int8' if whole else 'int4'}"
    for column in pack[1:]:
        number = f"({number} * {1 << column.bits} + ({_masked(column)}))"
    return f"{'int8send' if whole else 'int4send'}({number})"


def _masked(column: Column) -> str:
    """Return the SQL of a column, which never spoils its neighbours nor overflows."""
    return f"{column.sql} & {(1 << column.bits) - 1}" if column.count or column.small else column.sql


def _is_whole(pack: list[Column]) -> bool:
    bits = sum(column.bits for column in pack)
    return bits > HALF or (bits == HALF and len(pack) > 1)


def _unpacked(result: Any, table: Table, before: int) -> Iterator[tuple[str, ndarray]]:  # noqa: ANN401 - of libpq
    lengths = set()
    for place, pack in enumerate(table.packs, before):
        numbers = _numbers(result, place, WHOLE if _is_whole(pack) else HALF)
        lengths.add(len(numbers))
        for column in reversed(pack[1:]):
            low = numbers.astype("i2") if column.small else numbers & ((1 << column.bits) - 1)
            yield column.name, low.astype("i4")
            numbers = numbers >> column.bits
        yield pack[0].name, numbers.astype("i4")
    if len(lengths) > 1:
        message = f"a number is missing in a row: {table.source}"
        raise ValueError(message)


def _numbers(result: Any, place: int, bits: int) -> ndarray:  # noqa: ANN401 - of libpq
    import numpy as np  # noqa: PLC0415 - on first use

    value = result.get_value(0, place) or b""
    return np.frombuffer(value, dtype=f">i{bits // 8}").astype(f"i{bits // 8}")


def _of_rows(connection: Any, table: Table, keys: tuple[int, int]) -> dict[str, ndarray]:  # noqa: ANN401 - of SQLite
    import numpy as np  # noqa: PLC0415 - on first use

    rows = connection.execute(table.rows_query(*keys)).fetchall()
    columns = np.array(rows, dtype="i4").reshape(-1, len(table.columns)).T
    return {column.name: columns[place] for place, column in enumerate(table.columns)}
