"""Events of a register that several people have open: who is there, what they tap and have not sent, what stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

from app import clock
from app.errors import SignedOutError
from app.payload import Range, Size
from app.realtime import Peer, Room, emit, event, is_empty, room
from attendance.registers.queries.sheets import register_for
from attendance.registers.rules.states import TAKE_REGISTER, VIEW_REGISTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.access import Permission

Id = Annotated[int, Range(1, 2**31 - 1)]
DeviceName = Annotated[str, Size(8, 40)]
Letter = Annotated[str, Size(0, 4)]
MOST_TAPS = 200
_open: Counter[int] = Counter()
"""On how many devices each register is open: at the morning peak most scans are of classes that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Watching:
    """A device, by the name that it gave itself, wants to hear of a register. `author` is whose page is open on it."""

    register: Id
    author: Id
    device: DeviceName


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap that is not sent yet: nothing is stored of it."""

    pupil: Id
    letter: Letter


@dataclass(frozen=True, slots=True)
class Tapping:
    """All that a device has tapped on a register and not sent; nothing once it is sent or taken back."""

    register: Id
    author: Id
    device: DeviceName
    taps: Annotated[tuple[Tap, ...], Size(0, MOST_TAPS)] = ()


@event("register_watch", Watching, needs=VIEW_REGISTER, target="register")
def watch_register(peer: Peer, wanted: Watching) -> Mapping[str, object]:
    """Let a device hear of a register, and have the others say what they have tapped; when it goes, its taps go."""
    here = _room_for(peer, VIEW_REGISTER, wanted)
    peer.enter(here)
    _note_open(peer, wanted.register)
    peer.on_leave.append(lambda: _tell_taps(here, peer, wanted.device, ()))
    emit(here, "register_joined", {"device": wanted.device})
    return {}


@event("register_taps", Tapping, needs=TAKE_REGISTER, target="register")
def tell_taps(peer: Peer, told: Tapping) -> Mapping[str, object]:
    """Show the others who have this register open what is tapped here."""
    _tell_taps(_room_for(peer, TAKE_REGISTER, told), peer, told.device, told.taps)
    return {}


def _room_for(peer: Peer, permission: Permission, wanted: Watching | Tapping) -> Room:
    """Return the room of a register that this peer may see or take; raise NotFoundError otherwise.

    Raises SignedOutError for a page of somebody else, on a device on which this person has signed in since.
    """
    if peer.must_actor().user_id != wanted.author:
        raise SignedOutError
    key = (permission, "register", wanted.register)
    if key not in peer.allowed:
        register_for(peer.must_actor(), permission, wanted.register)
        peer.allowed.add(key)
    return room("register", wanted.register)


def _tell_taps(to: Room, peer: Peer, device: str, taps: Sequence[Tap]) -> None:
    name = peer.actor.name if peer.actor else ""
    told = [{"pupil": tap.pupil, "letter": tap.letter} for tap in taps]
    emit(to, "register_taps", {"device": device, "name": name, "taps": told})


def tell_standing(register_id: int, standing: Mapping[str, object], by: str, device: str) -> None:
    """Tell those who have a register open what stands in it now, by whose hand and from which device."""
    to = room("register", register_id)
    if not is_empty(to):
        at = clock.now().isoformat()
        emit(to, "register_standing", {"device": device, "by": by, "at": at, "standing": standing})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A pupil whose card a gate has read: when, by the school's clock ("HH:MM"), and how many minutes late, if so."""

    pupil: int
    time: str
    minutes: int | None


def open_registers() -> frozenset[int]:
    """Return the registers that somebody has open now."""
    return frozenset(_open)


def tell_seen(register_id: int, seen: Sequence[Sighting]) -> None:
    """Tell those who have a register open who came through a gate: suggested beside the name, never a mark."""
    emit(room("register", register_id), "register_seen", {"seen": [asdict(one) for one in seen]})


def _note_open(peer: Peer, register_id: int) -> None:
    """Count a device that stays; one that asks over HTTP hears nothing."""
    if not peer.sid:
        return
    _open[register_id] += 1

    def leave() -> None:
        _open[register_id] -= 1
        if _open[register_id] <= 0:
            del _open[register_id]

    peer.on_leave.append(leave)
