"""Two devices, one class, random schedules of taps, cuts, lost answers and reloads, against the server's own merge.

`Phone` mirrors attendance/registers/frontend/queue.ts rule by rule; the server keeps an event log and decides with
`merge`, as commands/saving.py does. What is asked of every schedule: each tap is stored exactly once, or a person was
shown it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from attendance.registers.rules.marks import (
    Author,
    Change,
    MarkValue,
    Operation,
    Standing,
    merge,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

PUPILS = (1, 2)
LETTERS = ("", "P", "K")
PRESENT = MarkValue()


@dataclass(frozen=True)
class Stored:
    """An event of the log."""

    operation: Operation
    author: Author
    version: int
    before: MarkValue


@dataclass
class Server:
    """A register as commands/saving.py keeps it, without tables."""

    version: int = 0
    marks: dict[int, MarkValue] = field(default_factory=dict)
    log: list[Stored] = field(default_factory=list)

    def save(self, operations: Sequence[Operation], author: Author) -> dict[str, MarkValue]:
        """Store what does not conflict; return what stands for each operation that does."""
        news = [one for one in self.log if one.before != one.operation.value]
        changes = [Change(one.operation.pupil_id, one.version, one.author) for one in news]
        known = frozenset(one.operation.id for one in self.log)
        merged = merge(operations, Standing(frozenset(PUPILS), self.marks, changes, known), author)
        if merged.applied:
            self.version += 1
        for applied in merged.applied:
            self.log.append(Stored(applied.operation, author, self.version, applied.before))
            self.marks = self.marks | {applied.operation.pupil_id: applied.after}
        return {conflict.operation.id: conflict.current for conflict in merged.conflicts}


@dataclass
class Phone:
    """A device: what lies in its storage, and what it last heard."""

    author: Author
    server: Server
    numbers: count[int]
    drafts: list[Operation] = field(default_factory=list)
    saves: list[tuple[Operation, ...]] = field(default_factory=list)
    conflicts: dict[int, Operation] = field(default_factory=dict)
    """By pupil: of two about one pupil the later one knows more, as in `joined` of queue.ts."""
    version: int = 0
    marks: dict[int, MarkValue] = field(default_factory=dict)
    made: dict[str, Operation] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """Taps that need not be stored: taken back, tapped over or agreed with by the person, or shown as a conflict."""

    def tap(self, pupil: int, letter: str) -> None:
        operation = Operation(
            f"{self.author.device}-{next(self.numbers):06d}", pupil, MarkValue(letter), self.version
        )
        self.made[operation.id] = operation
        self._replace_draft(operation, self._beneath(pupil) != operation.value)

    def _replace_draft(self, operation: Operation, is_new: bool) -> None:  # noqa: FBT001 - as in queue.ts
        old = [one for one in self.drafts if one.pupil_id == operation.pupil_id]
        self.told |= {one.id for one in old} | (set() if is_new else {operation.id})
        self.drafts = [one for one in self.drafts if one not in old] + ([operation] if is_new else [])
        self.conflicts = {key: one for key, one in self.conflicts.items() if one not in old}

    def _beneath(self, pupil: int) -> MarkValue:
        queued = {one.pupil_id: one.value for save in self.saves for one in save}
        return queued.get(pupil, self.marks.get(pupil, PRESENT))

    def press(self) -> None:
        """Make one save of everything unsent, as the button "Gửi" does once every conflict is decided."""
        if not self.conflicts:
            self.saves.append(tuple(self.drafts))
            self.drafts = []

    def die(self) -> None:
        """The battery is empty between the writing of a save and the removal of its taps: both are there again."""
        if self.saves:
            self.drafts = [*self.saves[-1], *self.drafts]

    def send(self, *, is_answered: bool) -> None:
        """Send the oldest save; without an answer it stays, and is sent again with the same ids."""
        if not self.saves:
            return
        save = self.saves[0]
        conflicts = self.server.save(save, self.author)
        if not is_answered:
            return
        del self.saves[0]
        redone = {one.pupil_id for one in self.drafts} | {one.pupil_id for rest in self.saves for one in rest}
        refused = [one for one in save if one.id in conflicts]
        self.told |= {one.id for one in refused}
        back = [one for one in refused if one.pupil_id not in redone]
        self.drafts = [*back, *self.drafts]
        self.conflicts |= {one.pupil_id: one for one in back}
        mine = {one.pupil_id: one.value for one in save}
        self._follow({**self.marks, **mine})

    def look(self) -> None:
        """Hear what stands now, by the socket or by asking."""
        self._follow(self.marks)

    def _follow(self, was: dict[int, MarkValue]) -> None:
        now, under = self.server.marks, {one.pupil_id for save in self.saves for one in save}
        for one in [one for one in self.drafts if one.pupil_id not in under]:
            current = now.get(one.pupil_id, PRESENT)
            if current == one.value:
                self.drafts.remove(one)
                self.told.add(one.id)
            elif was.get(one.pupil_id, PRESENT) != current:
                self.conflicts[one.pupil_id] = one
                self.told.add(one.id)
        self.conflicts = {key: one for key, one in self.conflicts.items() if one in self.drafts}
        self.version, self.marks = self.server.version, dict(now)

    def decide(self, *, keeps_own: bool) -> None:
        """Choose in the oldest conflict: one's own value on what stands now, or what stands."""
        if not self.conflicts:
            return
        old = self.conflicts.pop(next(iter(self.conflicts)))
        self.drafts = [one for one in self.drafts if one.pupil_id != old.pupil_id]
        if keeps_own:
            again = replace(old, id=f"{self.author.device}-{next(self.numbers):06d}", base=self.version)
            self.made[again.id] = again
            self.drafts.append(again)


Step = tuple[str, int, int, str, bool]
steps = st.lists(
    st.tuples(
        st.sampled_from(("tap", "tap", "tap", "press", "send", "send", "look", "die", "decide")),
        st.integers(0, 1),
        st.sampled_from(PUPILS),
        st.sampled_from(LETTERS),
        st.booleans(),
    ),
    min_size=20,
    max_size=60,
)


def take(phone: Phone, step: Step) -> None:
    name, _, pupil, letter, coin = step
    if name == "tap":
        phone.tap(pupil, letter)
    elif name == "send":
        phone.send(is_answered=coin)
    elif name == "decide":
        phone.decide(keeps_own=coin)
    else:
        {"press": phone.press, "look": phone.look, "die": phone.die}[name]()


@settings(max_examples=200)
@given(steps, st.booleans())
def test_every_tap_is_stored_exactly_once_or_shown(schedule: list[Step], coin: bool) -> None:  # noqa: FBT001 - drawn
    server, numbers = Server(), count()
    phones = [Phone(Author(number + 1, f"device-{number}"), server, numbers) for number in (0, 1)]
    for step in schedule:
        take(phones[step[1]], step)
    for _ in range(2):  # the network is back, and the people decide what is shown to them
        for phone in phones:
            while phone.saves or phone.drafts or phone.conflicts:
                phone.look()
                while phone.conflicts:
                    phone.decide(keeps_own=coin)
                phone.press()
                while phone.saves:
                    phone.send(is_answered=True)
    stored = [one.operation.id for one in server.log]
    assert len(stored) == len(set(stored)), "no tap twice"
    for phone in phones:
        assert set(phone.made) <= set(stored) | phone.told, "no tap lost"
    assert nothing_overwritten_unseen(server)


def nothing_overwritten_unseen(server: Server) -> bool:
    """Whether nobody stored over something that somebody else had changed after what was looked at."""
    return not any(
        other.author != one.author
        and other.before != other.operation.value
        and one.operation.base < other.version < one.version
        and other.operation.pupil_id == one.operation.pupil_id
        and one.before != one.operation.value
        and not any(
            own.author == one.author
            and other.version < own.version <= one.version
            and own.before != own.operation.value
            and own.operation.pupil_id == one.operation.pupil_id
            and own is not one
            for own in server.log
        )
        for one in server.log
        for other in server.log
    )
