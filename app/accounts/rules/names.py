"""User names and first passwords: made by the product, typed by people from a slip of paper."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from app.accounts.rules.passwords import is_tried_first
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Container

LONGEST_USERNAME: Final = 64
USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62})[a-z0-9]")
SLIP_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0, 1: the password is read off paper."""
_GROUPS: Final = 3
_GROUP_LENGTH: Final = 4


def username_stem(full_name: str) -> str:
    """Return the user name that a name suggests: "Nguyễn Văn An" -> "nguyen.van.an", "Điểu K'Rân" -> "dieu.k.ran"."""
    stem = re.sub(r"[^a-z0-9]+", ".", fold(full_name)).strip(".")
    return stem[: LONGEST_USERNAME - 6].rstrip(".") or "tai.khoan"


def free_username(full_name: str, taken: Container[str]) -> str:
    """Return a user name that is not in `taken`: the name's stem, else the stem with the first free number from 2."""
    stem = username_stem(full_name)
    if len(stem) < 3:  # noqa: PLR2004 - the shortest user name
        stem = f"{stem}.gv"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}{number}"
    return name


def first_password() -> str:
    """Return a random first password such as "kmft-7r3p-xq9w": 59 bits, good once, and none that guessers try first."""
    while True:
        groups = (
            "".join(secrets.choice(SLIP_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
        )
        if not is_tried_first(made := "-".join(groups)):
            return made
