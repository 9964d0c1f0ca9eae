"""Rules of the programs that read rosters: who may let them in, what they may be granted, how long they are good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable

EXPORT_ROSTER: Final = Permission(
    "roster.export", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)
MANAGE_CLIENTS: Final = Permission("roster.clients", everywhere(Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR))
"""Whom the school lets read its roster day after day is not for the office alone to say."""

_SCOPE: Final = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
CORE: Final = f"{_SCOPE}roster-core.readonly"
ROSTER: Final = f"{_SCOPE}roster.readonly"
DEMOGRAPHICS: Final = f"{_SCOPE}roster-demographics.readonly"
SCOPES: Final = (CORE, ROSTER, DEMOGRAPHICS)
"""The scopes of reading in OneRoster 1.2 (Rostering Service, section on security)."""
TOKEN_GOOD_FOR: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=400)
USUAL: Final = timedelta(days=365)


def scopes_of(*, roster: bool, demographics: bool, more: Iterable[str] = ()) -> str:
    """Return the scopes of a client, parted by spaces: of rosters, and `more` of what other features offer."""
    own = [scope for scope in SCOPES if roster and (demographics or scope != DEMOGRAPHICS)]
    return " ".join([*own, *more])


def granted(held: str, asked: str | None) -> str | None:
    """Return what a client gets that asks for scopes (all it holds when it asks for none), None for nothing at all."""
    wanted = asked.split() if asked else held.split()
    found = [scope for scope in held.split() if scope in wanted]
    return " ".join(found) or None


def reads_roster(scopes: Iterable[str]) -> bool:
    """Say whether a token with these scopes may read anything but demographics."""
    return bool({CORE, ROSTER} & set(scopes))
