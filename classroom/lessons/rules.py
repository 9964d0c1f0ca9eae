"""A lesson as pure values: its states, who may lead and see it, codes that cannot be guessed or misread."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from app.school.rules import DaySession

CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No I, L, O, 0, 1: a code is read off a screen from eight metres and typed by a child."""
CODE_LENGTH: Final = 6

LEAD_LESSON: Final = Permission("lesson.lead", own_class(Role.TEACHER, Role.HOMEROOM_TEACHER))
"""Begin a lesson in a class, and lead one's own."""
VIEW_LESSON: Final = Permission(
    "lesson.view", everywhere(Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER)
)


class LessonState(StrEnum):
    """Where a lesson stands: people come in, something was shown, it is over."""

    LOBBY = "lobby"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LessonStart:
    """What a teacher begins: a class, a subject, perhaps a slot. `op_id` makes a second tap harmless."""

    op_id: str
    class_id: int
    subject: str
    day_session: DaySession
    number: int | None


class Switch(StrEnum):
    """What a teacher switches: on the projector, on the pupils' devices, at the door."""

    BLANK = "blank"
    NAMES = "names"
    METER = "meter"
    INQUIRIES = "inquiries"
    GROUPS = "groups"
    BOARD = "board"
    TAKES_INQUIRIES = "takes_inquiries"
    TAKES_GUESTS = "takes_guests"
    ASKS_CONFIDENCE = "asks_confidence"


OFFERS: Final = frozenset({Switch.TAKES_INQUIRIES, Switch.ASKS_CONFIDENCE, Switch.GROUPS})
"""What pupils' devices show when it is switched; the others concern projector and join page alone."""


def fair_pick(candidates: Sequence[int], called: Sequence[int], chance: Random) -> int | None:
    """Return one of the candidates at random, None when there is none. `called` are earlier picks, the latest last.

    The half that was called last rests; of the others those with the fewest picks are drawn. So everybody has a turn
    before anybody has a second one, and who comes back after weeks is not called again and again to catch up.
    """
    if not candidates:
        return None
    latest = [pupil for pupil in dict.fromkeys(reversed(called)) if pupil in candidates]
    resting = set(latest[: len(candidates) // 2])
    rested = [pupil for pupil in candidates if pupil not in resting]
    fewest = min(called.count(pupil) for pupil in rested)
    return chance.choice([pupil for pupil in rested if called.count(pupil) == fewest])


# --- codes --------------------------------------------------------------------------------------------------------


def new_code() -> str:
    """Return a join code; about 890 million are possible, and few are in use at a time."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def typed_code(text: str) -> str:
    """Return a join or card code as it is stored, from what was typed: any case, spaces and hyphens ignored."""
    return "".join(sign for sign in text.upper() if sign.isalnum())[:16]


def screen_token(secret: str, lesson_id: int, nonce: str) -> str:
    """Return the token of a lesson's projector address: whoever has it may look on, nothing else."""
    message = f"screen:{lesson_id}:{nonce}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:24]


def is_screen_token(secret: str, lesson_id: int, nonce: str, token: str) -> bool:
    """Check a projector's token in constant time."""
    return hmac.compare_digest(screen_token(secret, lesson_id, nonce).encode(), token.encode())
