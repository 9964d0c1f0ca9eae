"""The two official reports of a school year (circular 25/2024/TT-BGDĐT; the days of the second: circular 24/2018)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.i18n import N_


class Occasion(StrEnum):
    """Beginning or end of a school year."""

    START = "start"
    END = "end"


_NAME: Final = re.compile(rf"(20\d\d)-(20\d\d)-({'|'.join(Occasion)})")
OCCASION_NAMES: Final = {Occasion.START: N_("Báo cáo đầu năm học"), Occasion.END: N_("Báo cáo cuối năm học")}


@dataclass(frozen=True, slots=True)
class OfficialPeriod:
    """What is counted on `as_of` and handed in by the end of `due_on`."""

    occasion: Occasion
    year_code: str
    as_of: date
    due_on: date

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The period as it is frozen and filed, e.g. "2026-2027-start"."""
        return f"{self.year_code}-{self.occasion}"

    @classmethod
    def parse(cls, text: str) -> OfficialPeriod | None:
        """Return the period that its name says, None for any other text."""
        found = _NAME.fullmatch(text)
        if not found or int(found[2]) != int(found[1]) + 1:
            return None
        return official_period(f"{found[1]}-{found[2]}", Occasion(found[3]))


def official_period(year_code: str, occasion: Occasion) -> OfficialPeriod:
    """Return the period of a school year such as "2026-2027": 30/9 due 31/10, or 31/5 due 30/6."""
    first, second = (int(part) for part in year_code.split("-"))
    if occasion is Occasion.START:
        return OfficialPeriod(occasion, year_code, date(first, 9, 30), date(first, 10, 31))
    return OfficialPeriod(occasion, year_code, date(second, 5, 31), date(second, 6, 30))
