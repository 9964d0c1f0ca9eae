"""Tables of whole numbers, out of PostgreSQL as columns: an array of each column for each page of rows.

A row for a row costs the database a message and the reader a step of Python, eleven million times. A page of a hundred
thousand rows is one row of arrays here: four bytes of length and four of number, which numpy takes as they lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy import ndarray
    from psycopg import Connection

HEAD: Final = 20
"""Bytes before the numbers of an array of one dimension: dimensions, flags, type, length, lower bound."""
ROWS_OF_A_PAGE: Final = 100_000


@dataclass(frozen=True, slots=True)
class Table:
    """Whole numbers of rows: names and SQL of the columns, `FROM ... WHERE ...`, and the key that pages are cut by.

    Keys are dense enough: `rows_of_a_key` says how many rows have the same one, roughly.
    """

    columns: tuple[tuple[str, str], ...]
    source: str
    key: str
    rows_of_a_key: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _sql in self.columns)

    def ends_query(self) -> str:
        """Return the query of the smallest and the largest key."""
        return f"SELECT min({self.key}), max({self.key}) {self.source}"

    def page_query(self, first: int, last: int) -> str:
        """Return the query of one page: an array for each column, of keys [first, last]."""
        arrays = ", ".join(f"array_agg(({sql})::int4)" for _name, sql in self.columns)
        return f"SELECT {arrays} {self.source} AND {self.key} BETWEEN {first} AND {last}"


def pages(connection: Connection[Any], table: Table) -> Iterator[dict[str, ndarray]]:
    """Yield the rows of a table as {column: numbers}, page by page."""
    first, last = connection.execute(table.ends_query()).fetchone() or (None, None)
    if first is None:
        return
    step = max(1, ROWS_OF_A_PAGE // table.rows_of_a_key)
    with connection.cursor(binary=True) as cursor:
        for start in range(first, last + 1, step):
            cursor.execute(table.page_query(start, min(start + step - 1, last)))
            columns = _columns(cursor.pgresult, len(table.columns))
            if columns:
                yield dict(zip(table.names, columns, strict=True))


def _columns(result: Any, count: int) -> Sequence[ndarray]:  # noqa: ANN401 - a result of libpq
    """Return the numbers of the arrays in a result's only row; nothing when the page has no rows."""
    import numpy as np  # noqa: PLC0415 - with DuckDB, on first use

    found = []
    for place in range(count):
        value = result.get_value(0, place)
        if value is None:
            return ()
        if any(value[4:8]):
            message = "a column of whole numbers has a row without one"
            raise ValueError(message)
        found.append(np.frombuffer(value, dtype=">i4", offset=HEAD)[1::2].astype("i4"))
    return found
