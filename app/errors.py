"""The errors that commands and loaders raise; `app.http` and `app.realtime` each translate them once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class BangXanhError(Exception):
    """Base of every error that a person is told about. `str(error)` is Vietnamese and says what to do next."""


class NotFoundError(BangXanhError):
    """The thing does not exist, or this person may not know that it does."""


class ForbiddenError(NotFoundError):
    """The person may not do this. Shown exactly as NotFoundError, so that no answer is an oracle."""


class SignedOutError(BangXanhError):
    """Nobody is signed in, or the sign-in was ended; the device keeps what it has and asks again."""


class StaleFactorError(BangXanhError):
    """The second factor was not given on this device within the last minutes; the person is asked and comes back."""


@dataclass
class ConflictError(BangXanhError):
    """What the person saw is no longer so. `current` is what holds now, for the screen to show beside it."""

    message: str
    current: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the message for the person."""
        return self.message


@dataclass
class InvalidError(BangXanhError):
    """The input will not do. `fields` maps a field's name to what is wrong with it and what to do."""

    message: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the message for the person."""
        return self.message


@dataclass
class RateLimitedError(BangXanhError):
    """Too many tries; `retry_after` is in seconds."""

    message: str
    retry_after: int = 60

    def __str__(self) -> str:
        """Return the message for the person."""
        return self.message
