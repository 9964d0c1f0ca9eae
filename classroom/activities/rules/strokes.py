"""Strokes of a pen as short texts: what a finger drew on a slide or a canvas, quantised, and bounded by its length.

A point lies on a grid whose width is fixed (SLIDE_WIDTH, CANVAS_WIDTH) and whose height follows from the picture. The
first point is absolute, two signs for each coordinate; every later one is the step from the point before, one sign for
each coordinate: a sign is a number from 0 to 63 in ALPHABET, a step is 32 less than its sign. Longer steps are taken in
several. The same in TypeScript: classroom/activities/frontend/strokes.ts.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Point = tuple[int, int]

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
SLIDE_WIDTH: Final = 2048
CANVAS_WIDTH, CANVAS_HEIGHT = 1024, 768
LARGEST: Final = 4095
_SIGNS: Final = {sign: number for number, sign in enumerate(ALPHABET)}
_HALF: Final = 32
_HEAD: Final = 4


def points_of(stroke: str) -> list[Point]:
    """Return the points of a stroke; raise ValueError when the text is none, or leaves the grid."""
    if len(stroke) < _HEAD or len(stroke) % 2:
        raise ValueError(stroke)
    try:
        signs = [_SIGNS[sign] for sign in stroke]
    except KeyError as error:
        raise ValueError(stroke) from error
    x, y = signs[0] * 64 + signs[1], signs[2] * 64 + signs[3]
    points = [(x, y)]
    for place in range(_HEAD, len(signs), 2):
        x, y = x + signs[place] - _HALF, y + signs[place + 1] - _HALF
        points.append((x, y))
    if any(not (0 <= x <= LARGEST and 0 <= y <= LARGEST) for x, y in points):
        raise ValueError(stroke)
    return points


def is_within(stroke: str, width: int, height: int) -> bool:
    """Say whether a text is a stroke on a grid of this size, both edges included."""
    try:
        points = points_of(stroke)
    except ValueError:
        return False
    return all(x <= width and y <= height for x, y in points)


def stroke_of(points: Sequence[Point]) -> str:
    """Return the text of at least one point; steps that are too long for one sign are taken in several."""
    (x, y), *rest = points
    signs = [*divmod(x, 64), *divmod(y, 64)]
    for to_x, to_y in rest:
        dx, dy = to_x - x, to_y - y
        steps = -(-max(abs(dx), abs(dy)) // (_HALF - 1))
        for number in range(1, steps + 1):
            # On the straight line, rounded to the grid; the same arithmetic as in the browser.
            at_x = to_x - dx + (2 * dx * number + steps) // (2 * steps)
            at_y = to_y - dy + (2 * dy * number + steps) // (2 * steps)
            signs += [at_x - x + _HALF, at_y - y + _HALF]
            x, y = at_x, at_y
    return "".join(ALPHABET[sign] for sign in signs)


def path_of(strokes: Iterable[str]) -> str:
    """Return the strokes as the `d` of an SVG path; a single point becomes a line too short to see but for its caps."""
    pieces = []
    for stroke in strokes:
        (x, y), *rest = points_of(stroke)
        line = " ".join(f"{to_x} {to_y}" for to_x, to_y in rest) or f"{x} {y + 1}"
        pieces.append(f"M{x} {y}L{line}")
    return "".join(pieces)


def thinned(stroke: str, tolerance: float) -> str:
    """Return a stroke that is nowhere farther than `tolerance` from this one, with no more points than that takes.

    Ramer, "An iterative procedure for the polygonal approximation of plane curves" (1972); Douglas and Peucker (1973).
    """
    points = points_of(stroke)
    kept, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        far, place = max(
            ((_distance(points[at], points[first], points[last]), at) for at in range(first + 1, last)),
            default=(0.0, 0),
        )
        if far > tolerance:
            kept.add(place)
            spans += [(first, place), (place, last)]
    shorter = stroke_of([points[at] for at in sorted(kept)])
    return min(shorter, stroke, key=len)


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the line between two others, not beyond its ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = point[0] - start[0], point[1] - start[1]
    long = dx * dx + dy * dy
    share = min(1.0, max(0.0, (px * dx + py * dy) / long)) if long else 0.0
    return hypot(px - share * dx, py - share * dy)
