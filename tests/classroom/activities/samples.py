"""Questions of every kind, by Hypothesis: well-formed ones, with answers that fit and answers that may not."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from classroom.activities.rules import Content, Kind, checked, choice
from classroom.activities.rules.choosing import FALSE, TRUE
from classroom.activities.rules.content import BLANK, LETTERS, Answer
from classroom.activities.rules.kinds import exit_ticket, matching, ordering
from classroom.activities.rules.strokes import CANVAS_HEIGHT, CANVAS_WIDTH, stroke_of

CANARY: Final = "lời-giải-canary-7041"
"""Stands in every solution text, explanation and misconception under test: no screen may hold it before the reveal."""
WORD: Final = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxy", min_size=1, max_size=8)
TEXT: Final = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
ASKED: Final = tuple(kind for kind in Kind if kind is not Kind.SLIDE)
"""Every kind that asks something."""
KINDS: Final = st.sampled_from(ASKED)
POINTS: Final = st.lists(
    st.tuples(st.integers(0, CANVAS_WIDTH), st.integers(0, CANVAS_HEIGHT)), min_size=1, max_size=4
)
STROKES: Final = POINTS.map(stroke_of)
TRUTH: Final = st.sampled_from([TRUE, FALSE])


@st.composite
def contents(draw: st.DrawFn, kinds: st.SearchStrategy[Kind] = KINDS) -> Content:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    """A question of some kind that can be asked."""
    kind, question = draw(kinds), draw(TEXT)
    texts = draw(st.lists(TEXT, min_size=2, max_size=4, unique=True))
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            several = kind is Kind.MULTIPLE
            letters = draw(st.sets(st.sampled_from(LETTERS[: len(texts)]), max_size=4 if several else 1))
            tags = draw(st.none() | st.just([CANARY] * len(texts)))
            return choice(
                question, texts, letters, several=several, explanation=CANARY, misconceptions=tags or ()
            )
        case Kind.QUICK:
            return choice("", [""] * len(texts))
        case Kind.TRUE_FALSE:
            right = draw(st.sampled_from([(), (TRUE,), (FALSE,)]))
            return checked(Content(kind, question, solution=right, explanation=CANARY))
        case Kind.STATEMENTS:
            judged = tuple(draw(TRUTH) for _ in texts)
            return checked(Content(kind, question, tuple(texts), solution=judged, explanation=CANARY))
        case Kind.SHORT:
            strict = draw(st.booleans())
            return checked(
                Content(kind, question, solution=(*texts, CANARY), unit="cm | xăng", with_accents=strict)
            )
        case Kind.NUMBER:
            number = f"{draw(st.integers(-999, 999))},{draw(st.integers(0, 99)):02}"
            tolerance = draw(st.sampled_from(["", "0,5", "5%"]))
            return checked(
                Content(kind, question, solution=(number,), explanation=CANARY, tolerance=tolerance)
            )
        case Kind.ORDERING:
            return ordering(question, texts, CANARY)
        case Kind.MATCHING:
            rights = [f"{n} {text}" for n, text in enumerate(texts)]
            return matching(question, list(zip(texts, rights, strict=True)), CANARY)
        case Kind.WORDS:
            return checked(Content(kind, question, most=draw(st.integers(1, 5))))
        case Kind.SCALE:
            ends = draw(st.sampled_from([(), ("ít", "nhiều")]))
            return checked(Content(kind, question, ends, most=draw(st.integers(2, 10))))
        case Kind.EXIT:
            return exit_ticket(question)
        case Kind.TEXT | Kind.DRAWING:
            return checked(Content(kind, question))
        case Kind.SLIDE:
            raise ValueError(kind)


def answers(content: Content) -> st.SearchStrategy[Answer]:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    """Answers that fit a question."""
    letters = content.letters
    match content.kind:
        case Kind.SINGLE | Kind.QUICK:
            return st.sampled_from(letters).map(lambda letter: (letter,))
        case Kind.MULTIPLE:
            return st.lists(st.sampled_from(letters), min_size=1, unique=True).map(tuple)
        case Kind.TRUE_FALSE:
            return TRUTH.map(lambda judged: (judged,))
        case Kind.STATEMENTS:
            return st.tuples(TRUTH, *[st.sampled_from([TRUE, FALSE, BLANK])] * (len(letters) - 1))
        case Kind.SHORT | Kind.TEXT:
            return TEXT.map(lambda text: (text,)) | st.sampled_from(
                [(text,) for text in content.solution or ("x",)]
            )
        case Kind.NUMBER:
            return st.integers(-2000, 2000).map(lambda number: (str(number),)) | st.just(content.solution)
        case Kind.ORDERING:
            return st.permutations(letters).map(tuple)
        case Kind.MATCHING:
            return st.permutations(content.target_letters).map(tuple)
        case Kind.WORDS:
            return st.lists(TEXT, min_size=1, max_size=content.most).map(tuple)
        case Kind.SCALE:
            return st.integers(1, content.most).map(lambda step: (str(step),))
        case Kind.EXIT:
            return st.tuples(st.sampled_from("123")) | st.tuples(st.sampled_from("123"), TEXT)
        case Kind.DRAWING:
            words = TEXT.map(lambda text: (f"={text}",))
            return words | st.lists(STROKES, min_size=1, max_size=5).map(tuple)
        case Kind.SLIDE:
            raise ValueError(content)


ANYTHING: Final = st.lists(
    st.sampled_from([*LETTERS, TRUE, FALSE, BLANK, "1", "11", "", " ", "x" * 501, "3,5"]), max_size=6
).map(tuple)
"""Answers as a hostile device might send them."""
