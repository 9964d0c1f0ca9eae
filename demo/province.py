"""A whole province for measurements: 430 schools, 250,000 pupils, a complete school year of registers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import time, timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.school.rules import Level, UnitKind, year_dates
from demo.absences import Season
from demo.bulk import commits_without_waiting
from demo.calling import Calls, call_rolls, write_cube, write_stretches
from demo.days import DemoYear, demo_year, province_days_off
from demo.founded import Founding, instant_at
from demo.founding import enter_days, found_school, found_unit, found_year
from demo.pilot import SEED, found_people_outside, found_province, home_usernames
from demo.schools import (
    LARGEST,
    SMALLEST,
    ClassPlan,
    SchoolPlan,
    lower_secondary_classes,
    primary_classes,
    upper_secondary_classes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from demo.founded import FoundedSchool

SCHOOLS: Final = {Level.PRIMARY: 230, Level.LOWER_SECONDARY: 145, Level.UPPER_SECONDARY: 55}
PUPILS: Final = 250_000
FIRST: Final = "-001"
BATCH: Final = 10
"""Schools in one transaction: enough to be quick, few enough for memory to stay flat."""
SEASON: Final = Season(spells=3.8, late=1.8, wave=120)
_FEATURES: Final = ("Bàu", "Suối", "Đồi", "Rừng", "Đồng", "Bến", "Sóc", "Gò")
_PLANTS: Final = ("Sim", "Gõ", "Trúc", "Thông", "Sen", "Lim", "Ngọc", "Cọ", "Tràm", "Sao", "Mây", "Lúa")
_LEVEL_WORDS: Final = {
    Level.PRIMARY: ("TH", "Tiểu học"),
    Level.LOWER_SECONDARY: ("THCS", "THCS"),
    Level.UPPER_SECONDARY: ("THPT", "THPT"),
}


def seed_province(password_hash: str, tell: Callable[[str], None]) -> None:
    """Fill an empty, migrated database with a province; `tell` hears how far it is. Minutes, with flat memory.

    Only the first school of each level has accounts. Registers have their marks, but not the history of taps.
    """
    chance = random.Random(SEED)
    plans = province_schools(chance)
    year = last_whole_year(clock.today())
    founding = Founding(db.session(), year, chance, password_hash)
    db.session().close()
    with commits_without_waiting(db.db.engine):
        wards, province_id = _found_units(founding)
        for done, batch in enumerate(_batches(plans), 1):
            _found_batch(founding, batch, wards, province_id)
            tell(f"{min(done * BATCH, len(plans))}/{len(plans)} trường")
        db.session().close()
    tell("Xong")


def last_whole_year(today: date) -> DemoYear:
    """Return the last school year that is over on a day, from its first day to its last."""
    code = demo_year(today).code
    if year_dates(code)[2] > today:
        first = int(code[:4]) - 1
        code = f"{first}-{first + 1}"
    begins, second, ends = year_dates(code)
    return DemoYear(code, begins, second, ends, frame=(begins, ends))


def province_schools(chance: random.Random) -> list[SchoolPlan]:
    """Return the plans of all schools, with exactly PUPILS pupils in classes of 28 to 42."""
    names = (
        (f"{feature} {plant}", number) for number in range(1, 9) for plant in _PLANTS for feature in _FEATURES
    )
    plans = []
    for level, count in SCHOOLS.items():
        code, words = _LEVEL_WORDS[level]
        for place, (name, number) in enumerate(islice(cycle(names), count), 1):
            title = f"Trường {words} {name}" + (f" {number}" if number > 1 else "")
            plans.append(SchoolPlan(f"{code}-{place:03d}", title, level, _classes(level, chance)))
    return _with_exactly(PUPILS, plans)


def _classes(level: Level, chance: random.Random) -> tuple[ClassPlan, ...]:
    if level is Level.PRIMARY:
        return primary_classes((chance.choice((3, 3, 4, 4, 4)),) * 5, chance)
    if level is Level.LOWER_SECONDARY:
        return lower_secondary_classes((chance.choice((4, 4, 5)),) * 4, chance)
    return upper_secondary_classes((chance.choice((7, 7, 8)),) * 3, chance)


def _with_exactly(pupils: int, plans: list[SchoolPlan]) -> list[SchoolPlan]:
    """Let classes grow or shrink by single pupils, one after the other, until the province has that many."""
    sizes = [[one.size for one in plan.classes] for plan in plans]
    missing = pupils - sum(map(sum, sizes))
    step = 1 if missing > 0 else -1
    places = cycle([(school, number) for school, found in enumerate(sizes) for number, _ in enumerate(found)])
    for school, number in places:
        if not missing:
            break
        if SMALLEST <= sizes[school][number] + step <= LARGEST:
            sizes[school][number] += step
            missing -= step
    return [
        replace(
            plan,
            classes=tuple(replace(one, size=size) for one, size in zip(plan.classes, found, strict=True)),
        )
        for plan, found in zip(plans, sizes, strict=True)
    ]


def _batches(plans: Sequence[SchoolPlan]) -> Iterator[list[SchoolPlan]]:
    iterator = iter(plans)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _found_units(founding: Founding) -> tuple[list[int], int]:
    """Write year, subjects, calendar, province and wards; return the wards' ids and the province's."""
    with db.transaction() as current:
        founding.current = current
        found_year(founding)
        province_id = found_province(founding)
        enter_days(founding, province_id, province_days_off(founding.year))
        names = [f"Xã {feature} {plant}" for plant in _PLANTS for feature in _FEATURES]
        wards = [
            found_unit(founding, UnitKind.WARD, f"X-{number:03d}", name, province_id, type_name="Xã")
            for number, name in enumerate(names, 1)
        ]
        founding.close()
    return wards, province_id


def _found_batch(
    founding: Founding, plans: Iterable[SchoolPlan], wards: Sequence[int], province_id: int
) -> None:
    """Write some schools with their registers and what these add up to, in one transaction."""
    password_hash, calls = founding.password_hash, _whole_year(founding.year)
    with db.transaction() as current:
        founding.current = current
        for plan in plans:
            founding.password_hash = password_hash if plan.code.endswith(FIRST) else None
            school = _found_school(founding, plan, wards, province_id)
            call_rolls(founding, school, calls)
            write_cube(founding, school, calls)
            write_stretches(founding, school, calls)
            current.expunge_all()
        founding.password_hash = password_hash
        founding.close()


def _found_school(
    founding: Founding, plan: SchoolPlan, wards: Sequence[int], province_id: int
) -> FoundedSchool:
    ward_id = wards[int(plan.code.rpartition("-")[2]) % len(wards)]
    if plan.code != f"TH{FIRST}":
        return found_school(founding, plan, ward_id)
    school = found_school(founding, plan, ward_id, home_usernames(plan, founding.teaching(plan)))
    found_people_outside(founding, province_id, school)
    return school


def _whole_year(year: DemoYear) -> Calls:
    last = year.ends_on - timedelta(days=1)
    return Calls(year.starts_on, instant_at(last, time(18, 0)), SEASON, history=False)
