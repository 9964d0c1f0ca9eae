"""Reading a request's head. gevent gives it to the parser for e-mail, which took a tenth of the time of a save.

Lines that are a name, a colon and plain text, as every browser sends them, mean the same without it. A head with any
other line (folded, without a name, with control characters) goes to the standard library as before.
"""

from __future__ import annotations

import re
from http.client import HTTPException
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from gevent.pywsgi import headers_factory  # type: ignore[attr-defined] # the stubs leave it out

if TYPE_CHECKING:
    from typing import BinaryIO

LONGEST_LINE: Final = 65_536
MOST_LINES: Final = 100
"""Of the standard library (http.client)."""
_PLAIN: Final = re.compile(rb"([!-9;-~]+):[ \t]*([\t -~\x80-\xff]*)\r?\n")


def read_head(source: BinaryIO) -> Any:  # noqa: ANN401 - gevent's class of messages, which has no name outside
    """Return the head that begins here, as gevent's own `headers_factory` does, with the same limits.

    Raises HTTPException for too many lines; a line that is too long is told in the `status` of what is returned.
    """
    lines = _lines(source)
    found = headers_factory(BytesIO())
    if len(lines[-1]) > LONGEST_LINE:
        found.status = "Line too long"
        return found
    for line in lines[:-1]:
        plain = _PLAIN.fullmatch(line)
        if plain is None:
            return headers_factory(BytesIO(b"".join(lines)))
        name, value = plain.groups()
        found.set_raw(name.decode("ascii"), value.decode("iso-8859-1"))
    return found


def _lines(source: BinaryIO) -> list[bytes]:
    """Return the lines up to the empty one, or to the first that is too long."""
    lines: list[bytes] = []
    while True:
        line = source.readline(LONGEST_LINE + 1)
        lines.append(line)
        if len(lines) > MOST_LINES:
            message = f"got more than {MOST_LINES} headers"
            raise HTTPException(message)
        if len(line) > LONGEST_LINE or line in {b"\r\n", b"\n", b""}:
            return lines
