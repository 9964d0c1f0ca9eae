"""Formulas as trees: what a school writes is drawn, nothing is lost or let in, and no text makes it fall."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import db
from classroom.activities.rules import Move, choice
from classroom.activities.rules.formulas import LONGEST, MOST_ELEMENTS, drawn
from classroom.lessons.queries import pupil_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.classroom.held import Held

SCHOOL: Final = (
    r"\frac{1}{2} + \frac{1}{3}", r"\dfrac{\sqrt{3}}{2}", r"\sqrt[3]{8} = 2", r"\sqrt{x^2 + y^2}", "x_1 + x_2 = -5",
    r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\begin{cases} x + y = 1 \\ x - y = 3 \end{cases}", r"\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}",
    r"S = \pi r^2 \text{ (diện tích hình tròn)}", r"\widehat{ABC} = 60^\circ", r"\overrightarrow{AB} + \vec{u}",
    r"\lim_{x \to 0} \frac{\sin x}{x} = 1", r"\int_0^1 x\,dx", "3,14 < 10^{-3}", r"\left(\frac{a}{b}\right)^n",
    r"A = \{1; 2; 3\} \subset \mathbb{N}^*", r"\triangle ABC \sim \triangle A'B'C'", r"\mathrm{ƯCLN}(12; 18) = 6",
    r"\overline{abc} \ge 100", r"\left|x\right| \le 5", r"\binom{n}{k}", r"25\%", "H_2O", r"\log_2 8", r"5\text{ cm}^2",
)  # fmt: skip
"""What Vietnamese school books write, from grade 4 to 12."""
NAMES: Final = frozenset({
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder",
    "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mphantom",
})  # fmt: skip
VALUES: Final = frozenset(
    {
        "true",
        "false",
        "normal",
        "prefix",
        "infix",
        "postfix",
        "left",
        "right",
        "center",
        "over",
        "under",
        "hat",
    }
)
PARTS: Final = (
    r"\frac", r"\sqrt", r"\left(", r"\right)", r"\begin{matrix}", r"\end{matrix}", r"\text{đ <b>}", r"\color{red}",
    r"\\", "&", "{", "}", "[", "]", "^", "_", "'", ",", "1", "x", "<script>", "style", " ",
)  # fmt: skip


def elements(tree: list[Any]) -> Iterator[list[Any]]:
    yield tree
    for part in tree[1:]:
        if isinstance(part, list):
            yield from elements(part)


@pytest.mark.parametrize("source", SCHOOL)
def test_what_schools_write_is_drawn(source: str) -> None:
    assert drawn(source) is not None


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{1", r"\foo{a}", r"\begin{matrix} 1 & 2 & \end{matrix}", r"x & y", "{", "^", r"\limits", r"\boxed{x}",
        r"\href{javascript:alert(1)}{x}", "{" * 60 + "x" + "}" * 60, "x" * (LONGEST + 1), r"\sqrt" * 50 + "x",
    ],
)  # fmt: skip
def test_what_would_lose_something_is_left_to_others(source: str) -> None:
    assert drawn(source) is None


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=25).map("".join))
@example(r"\text{<img src=x onerror=alert(1)>}")
@example(r"\style{color:red}{x}")
def test_no_text_breaks_it_or_gets_markup_through(source: str) -> None:
    parts = drawn(source) or []
    trees = [part for part in parts if not isinstance(part, str)]
    assert all(tree[0] == "math" for tree in trees)
    found = [element for tree in trees for element in elements(tree)]
    assert len(found) <= MOST_ELEMENTS * 2
    for name, *parts in found:
        assert name in NAMES
        for part in parts:
            if isinstance(part, dict):
                assert all(value in VALUES or value[:1] in "-.0123456789" for value in part.values())
            else:
                assert isinstance(part, (str, list))


def test_a_decimal_comma_is_part_of_its_number() -> None:
    assert drawn("3,14") == [["math", ["mn", "3,14"]]]
    assert drawn("1, 2") == [["math", ["mn", "1"], ["mo", ","]], ["math", ["mn", "2"]]]


def test_a_bar_stands_over_all_of_it() -> None:
    abc = ["mrow", ["mi", "a"], ["mi", "b"], ["mi", "c"]]
    assert drawn(r"\overline{abc}") == [["math", ["mrow", {"class": "over"}, abc]]]
    assert drawn(r"\widehat{abc}") == [["math", ["mrow", {"class": "hat"}, abc]]]


def test_a_long_formula_may_break_behind_a_relation_and_its_words_are_words() -> None:
    assert drawn(r"x = 1 \text{ với mọi } n") == [
        ["math", ["mi", "x"], ["mo", "="]], ["math", ["mn", "1"]], " với mọi ", ["math", ["mi", "n"]],
    ]  # fmt: skip


def test_devices_get_the_formulas_of_what_they_may_see(held: Held) -> None:
    content = choice(r"Tính $\frac{1}{2}$, không phải `$x$`", ["$5$", "$6$"], ["A"])
    activity = held.ask(replace(content, explanation="Vì $7 - 2 = 5$."))
    shown = pupil_snapshot(db.session(), held.lesson_id)["activity"]
    assert set(shown["maths"]) == {r"\frac{1}{2}", "5", "6"}
    for move in (Move.CLOSE, Move.REVEAL):
        held.move(activity, move)
    assert "7 - 2 = 5" in pupil_snapshot(db.session(), held.lesson_id)["activity"]["maths"]
    held.ask(choice("Giá 5$ hay 6$, $10 hay $12, \\$x\\$?", ["a", "b"], ["A"]))
    assert "maths" not in pupil_snapshot(db.session(), held.lesson_id)["activity"], (
        "no byte without a formula"
    )
