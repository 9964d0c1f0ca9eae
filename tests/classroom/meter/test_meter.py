"""The meter counts pupils by their last word, and tells nobody who said what."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from app import db
from classroom.lessons.commands import switch
from classroom.lessons.events import pupil_state, screen_state
from classroom.lessons.rules import Switch
from classroom.meter.commands import tap_meter
from classroom.meter.queries import meter_now
from classroom.meter.rules import Feels, Tap, course
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.classroom.held import Held

TAPS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(Feels)), max_size=30)


@given(TAPS)
def test_each_point_counts_everybody_by_the_last_tap(said: list[tuple[int, Feels]]) -> None:
    taps = [Tap(n, pupil, feels, MORNING + timedelta(seconds=n)) for n, (pupil, feels) in enumerate(said)]
    points = course(taps)
    assert len(points) == len(taps)
    for place, point in enumerate(points):
        last = dict(said[: place + 1])
        assert point.got == sum(feels is Feels.GOT for feels in last.values())
        assert point.lost == sum(feels is Feels.LOST for feels in last.values())


def test_a_pupil_counts_once_and_is_named_nowhere(held: Held) -> None:
    first, second = held.pupils[:2]
    assert tap_meter(held.lesson_id, first, "tap-0001", Feels.GOT) is Feels.GOT
    assert tap_meter(held.lesson_id, first, "tap-0002", Feels.LOST) is Feels.LOST
    assert tap_meter(held.lesson_id, first, "tap-0001", Feels.GOT) is Feels.LOST, "a retry says nothing new"
    tap_meter(held.lesson_id, second, "tap-0001", Feels.LOST)
    assert meter_now(db.session(), held.lesson_id) == {"got": 0, "lost": 2}
    assert pupil_state(held.lesson_id, first)["feels"] == "lost"
    rows = held.snapshot()["meter"]
    assert [row[1:] for row in rows.values()] == [[1, 0], [0, 1], [0, 2]]
    assert "pupil" not in json.dumps(rows)


def test_the_projector_shows_it_only_when_it_is_switched_on(held: Held) -> None:
    tap_meter(held.lesson_id, held.pupils[0], "tap-0001", Feels.LOST)
    assert "meter" not in screen_state(held.lesson_id)["stage"]
    switch(held.lesson_id, Switch.METER, on=True)
    db.session().rollback()
    assert screen_state(held.lesson_id)["stage"]["meter"] == {"got": 0, "lost": 1}
