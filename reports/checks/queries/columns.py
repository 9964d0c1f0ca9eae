"""Tables of whole numbers, out of PostgreSQL as columns: arrays of numbers for each page of rows.

A row for a row costs the database a message and the reader a step of Python, eleven million times. A page of many
thousand rows is one row of arrays here. Two columns share an array: the first is the upper, the second the lower half
of a number of eight bytes, so that numpy reads both as they lie, and no value is out of range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import ndarray
    from psycopg import Connection

HEAD: Final = 20
"""Bytes before the numbers of an array of one dimension: dimensions, flags, type, length, lower bound."""
ROWS_OF_A_PAGE: Final = 120_000


@dataclass(frozen=True, slots=True)
class Table:
    """Whole numbers of rows: names and SQL of the columns, `FROM ... WHERE ...`, and the key that pages are cut by.

    Keys are dense enough: `rows_of_a_key` says how many rows have the same one, roughly. `ends` is the query of the
    smallest and the largest.
    """

    columns: tuple[tuple[str, str], ...]
    source: str
    key: str
    ends: str
    rows_of_a_key: int = 1

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The names of the columns, two and two; the last may be alone with ""."""
        names = [name for name, _sql in self.columns]
        return [
            (name, (*names[place + 1 : place + 2], "")[0])
            for place, name in enumerate(names)
            if not place % 2
        ]

    def page_query(self, first: int, last: int) -> str:
        """Return the query of one page: an array for each pair of columns, of keys [first, last]."""
        sql = dict(self.columns)
        arrays = ", ".join(
            f"array_agg((({sql[upper]})::int8 << 32) | (({sql.get(lower, '0')})::int8 & 4294967295))"
            for upper, lower in self.pairs
        )
        return f"SELECT {arrays} {self.source} AND {self.key} BETWEEN {first} AND {last}"


def pages(connection: Connection[Any], table: Table) -> Iterator[dict[str, ndarray]]:
    """Yield the rows of a table as {column: numbers}, page by page."""
    ends = connection.execute(table.ends).fetchone()
    if ends is None or ends[0] is None:
        return
    first, last = ends
    step = max(1, ROWS_OF_A_PAGE // table.rows_of_a_key)
    with connection.cursor(binary=True) as cursor:
        for start in range(first, last + 1, step):
            cursor.execute(table.page_query(start, min(start + step - 1, last)))
            if cursor.pgresult and cursor.pgresult.get_value(0, 0):
                yield _columns(cursor.pgresult, table)


def _columns(result: Any, table: Table) -> dict[str, ndarray]:  # noqa: ANN401 - a result of libpq
    """Return the numbers of the arrays in a result's only row. Raises ValueError for a row that lacks one."""
    import numpy as np  # noqa: PLC0415 - with DuckDB, on first use

    element, found = np.dtype([("length", ">i4"), ("upper", ">i4"), ("lower", ">i4")]), {}
    for place, (upper, lower) in enumerate(table.pairs):
        value = result.get_value(0, place)
        if any(value[4:8]):
            message = f"{upper} or {lower} is missing in a row"
            raise ValueError(message)
        numbers = np.frombuffer(value, dtype=element, offset=HEAD)
        found[upper] = numbers["upper"].astype("i4")
        if lower:
            found[lower] = numbers["lower"].astype("i4")
    return found
