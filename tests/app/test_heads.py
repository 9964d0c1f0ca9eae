"""A head read by us and by the standard library is the same head."""

from __future__ import annotations

from http.client import HTTPException
from io import BytesIO

import pytest
from gevent.pywsgi import headers_factory  # type: ignore[attr-defined] # the stubs leave it out
from hypothesis import given
from hypothesis import strategies as st

from app.heads import LONGEST_LINE, read_head

names = st.sampled_from(
    ["Host", "cookie", "X-Csrf", "Content-Length", "Transfer-Encoding", "", "a b", "From x"]
)
values = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=12)
plain = st.tuples(names, st.sampled_from([": ", ":", " :", ":\t", ""]), values).map("".join)
folded = values.map(lambda text: " " + text)


@given(st.lists(st.one_of(plain, folded), max_size=8), st.sampled_from(["\r\n", "\n", "\r"]))
def test_a_head_means_what_it_meant(lines: list[str], end: str) -> None:
    head = "".join(line + end for line in [*lines, ""]).encode("iso-8859-1") + b"body"
    ours, theirs = read_head(BytesIO(head)), headers_factory(BytesIO(head))
    assert ours._headers == theirs._headers  # noqa: SLF001 - what gevent reads of it
    assert ours.status == theirs.status


def test_a_long_line_and_many_lines_are_refused() -> None:
    assert read_head(BytesIO(b"A: " + b"x" * LONGEST_LINE + b"\r\n\r\n")).status
    with pytest.raises(HTTPException):
        read_head(BytesIO(b"A: b\r\n" * 101 + b"\r\n"))
