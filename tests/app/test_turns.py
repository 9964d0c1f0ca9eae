"""Turns: one of few goes on at once; of many each gets its turn in order, and others come between them."""

from __future__ import annotations

import socket
import time

import gevent
from gevent import monkey

from app.turns import SLICE, Turns

_sleep = monkey.get_original("time", "sleep")


def test_one_of_few_does_not_wait() -> None:
    turns = Turns()
    gevent.sleep(0)  # a young turn of the loop
    other = gevent.spawn(lambda: None)
    turns.wait()
    assert not other.ready(), "the loop was not left"
    turns.close()


def test_who_wakes_the_loop_after_a_silence_does_not_wait() -> None:
    """The turn is counted from the end of the loop's sleep; from its beginning, every first one would be late."""
    turns, free = Turns(), list[bool]()
    ours, theirs = socket.socketpair()
    woken = gevent.get_hub().loop.io(ours.fileno(), 1)

    def look() -> None:
        free.append(turns.is_free)
        ours.recv(1)

    def write() -> None:
        _sleep(5 * SLICE)
        theirs.send(b"x")

    woken.start(look)
    gevent.get_hub().threadpool.spawn(write).get(timeout=5)
    gevent.sleep(0.01)
    woken.close()
    turns.close()
    ours.close()
    theirs.close()
    assert free == [True]


def test_many_are_served_in_order_and_others_come_between() -> None:
    turns, served, others = Turns(), list[int](), list[int]()

    def one_of_many(number: int) -> None:
        turns.wait()
        _compute(SLICE / 2)
        served.append(number)

    def passer_by() -> None:
        while len(served) < 30:
            gevent.sleep(0.0001)
            others.append(len(served))

    passing = gevent.spawn(passer_by)
    many: list[gevent.Greenlet[..., None]] = [gevent.spawn(one_of_many, number) for number in range(30)]
    gevent.joinall([*many, passing], timeout=20)
    turns.close()
    assert served == list(range(30))
    assert len(set(others)) > 5, "whoever is not one of many need not wait for all of them"


def _compute(seconds: float) -> None:
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        pass
