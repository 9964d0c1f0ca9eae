"""Turns of the event loop: what a whole school sends in one moment is served in slices, so that others come between.

Eighteen hundred answers arrive within some milliseconds. Served in the order in which the loop finds them, they keep
it for a quarter of a second, and a page that somebody opens meanwhile waits for all of them. So whoever comes as one
of many asks for its turn first: while the turn of the loop is young it has it at once, and afterwards in the order of
asking, a slice in each turn of the loop. What is not one of many, a page, asks nobody.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from gevent import get_hub
from gevent.hub import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

SLICE: Final = 0.004
"""Seconds of one turn of the loop that those who come as many have together."""


class Turns:
    """The queue of those who wait for their turn; made on the loop's thread, and used there alone."""

    def __init__(self) -> None:
        loop = get_hub().loop
        self._waiting: deque[Callable[[None], None]] = deque()
        self._ends = monotonic() + SLICE
        self._begin = loop.check()  # after the loop's sleep and before what woke it
        self._begin.start(self._begins)
        self._next = loop.timer(0)

    @property
    def is_free(self) -> bool:
        """Whether nobody has to wait now: the turn of the loop is young, and nobody waits from one before."""
        return not self._waiting and monotonic() < self._ends

    def wait(self) -> None:
        """Return when it is the calling greenlet's turn: at once, unless this turn of the loop is used up."""
        if self.is_free:
            return
        waiter: Waiter[None] = Waiter()
        if not self._waiting:
            self._next.start(self._serve)
        self._waiting.append(waiter.switch)
        waiter.get()

    def close(self) -> None:
        """Stop watching the loop; who waits is served."""
        self._begin.stop()

    def _begins(self) -> None:
        self._ends = monotonic() + SLICE

    def _serve(self) -> None:
        ends = monotonic() + SLICE
        while self._waiting and monotonic() < ends:
            self._waiting.popleft()(None)
        if self._waiting:
            self._next.start(self._serve)
