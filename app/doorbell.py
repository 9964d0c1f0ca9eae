"""Doorbells: a command says that something changed; whoever answers that bell looks in the database and tells people.

The database is the truth. A bell carries no news, so bells may be lost, doubled or joined without harm; that is why
they need no transaction. Commands ring (through `app.db.after_commit`), the sockets answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_answers: dict[str, Callable[[int], None]] = {}


def answer(bell: str, call: Callable[[int], None]) -> None:
    """Have `call(key)` run whenever `bell` rings. It may be called in any thread and must not block or raise."""
    _answers[bell] = call


def ring(bell: str, key: int) -> None:
    """Ring: nothing happens when nobody answers this bell in this process."""
    call = _answers.get(bell)
    if call is not None:
        call(key)
