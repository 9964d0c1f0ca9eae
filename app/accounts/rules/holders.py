"""People who may get accounts many at once, whoever keeps the list of them: pupils here, guardians elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has an account or may get one. `key` is the person's id in the list that the person comes from.

    `pupil_ids` are the pupils of whom the account tells: oneself, or whose guardian somebody is. `about` stands on the
    slip and tells people of one name apart.
    """

    key: int
    full_name: str
    about: str
    pupil_ids: tuple[int, ...]
    user_id: int | None = None
