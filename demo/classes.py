"""Writing the classes of a school with their invented pupils: enrolment, membership, cards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from app import text
from app.access import SYSTEM
from app.intake.rules.catalogues import ethnicity
from app.school.commands import CODE_ALPHABET, CODE_LENGTH
from app.school.models import (
    ClassMembership,
    Enrolment,
    Pupil,
    PupilCard,
    SchoolClass,
)
from app.school.rules import EnrolmentStatus
from demo.bulk import write_dicts
from demo.founded import FoundedClass, FoundedPupil, Founding
from demo.names import NameGiver, balanced_sexes

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

    from demo.schools import SchoolPlan

OLDER_BY_A_YEAR: Final = 0.02
FIRST_GRADE_AT: Final = 6


def found_classes(
    founding: Founding, school_id: int, plan: SchoolPlan, sites: Mapping[str, int]
) -> tuple[FoundedClass, ...]:
    """Add the classes of a school with their pupils; `sites` gives units by the names of a plan's sites."""
    ids = [founding.new_id(SchoolClass) for _ in plan.classes]
    write_dicts(
        founding.current,
        SchoolClass,
        (
            {
                "id": class_id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "site_id": sites.get(one.site or ""),
                "name": one.name,
                "name_fold": text.fold(one.name),
                "name_sort": text.natural_key(one.name),
                "grade": one.grade,
                "main_session": one.main_session.value,
            }
            for class_id, one in zip(ids, plan.classes, strict=True)
        ),
    )
    cards = _cards(founding.chance, sum(one.size for one in plan.classes))
    classes = tuple(
        FoundedClass(class_id, one.name, one.grade, _pupils(founding, one.size, cards))
        for class_id, one in zip(ids, plan.classes, strict=True)
    )
    _write_pupils(founding, school_id, classes)
    return classes


def _pupils(founding: Founding, size: int, cards: list[str]) -> tuple[FoundedPupil, ...]:
    """Return a class of invented pupils, no two of one name, in the order of a Vietnamese class list."""
    names, known, people = NameGiver(founding.chance), set[str](), []
    for sex in balanced_sexes(size, founding.chance):
        person = names.pupil(sex, known)
        known.add(person.full_name)
        people.append(person)
    people.sort(key=lambda person: text.sort_key(person.full_name))
    return tuple(FoundedPupil(founding.new_id(Pupil), person, cards.pop()) for person in people)


def _cards(chance: random.Random, count: int) -> list[str]:
    """Return as many card codes as a school has pupils, all different."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes["".join(chance.choices(CODE_ALPHABET, k=CODE_LENGTH))] = None
    return list(codes)


def _write_pupils(founding: Founding, school_id: int, classes: Iterable[FoundedClass]) -> None:
    placed = [(school_class, pupil) for school_class in classes for pupil in school_class.pupils]
    at, start = founding.opened_at, founding.year.starts_on
    write_dicts(founding.current, Pupil, (_pupil_row(founding, one.grade, pupil) for one, pupil in placed))
    write_dicts(
        founding.current,
        Enrolment,
        (
            {
                "pupil_id": pupil.id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "status": EnrolmentStatus.STUDYING.value,
                "starts_on": start,
            }
            for _, pupil in placed
        ),
    )
    write_dicts(
        founding.current,
        ClassMembership,
        ({"pupil_id": pupil.id, "class_id": one.id, "starts_on": start} for one, pupil in placed),
    )
    write_dicts(
        founding.current,
        PupilCard,
        (
            {
                "pupil_id": pupil.id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "code": pupil.card,
                "issued_at": at,
            }
            for _, pupil in placed
        ),
    )
    for one in classes:
        founding.audit.note(at, SYSTEM, "cards.issued", ("class", one.id), {"count": len(one.pupils)})


def _pupil_row(founding: Founding, grade: int, pupil: FoundedPupil) -> dict[str, Any]:
    people = ethnicity(pupil.person.ethnicity)
    chance = founding.chance
    born = founding.year.frame[0].year - (FIRST_GRADE_AT - 1) - grade - (chance.random() < OLDER_BY_A_YEAR)
    return {
        "id": pupil.id,
        "full_name": pupil.person.full_name,
        "name_sort": text.sort_key(pupil.person.full_name),
        "name_fold": text.fold(pupil.person.full_name),
        "birth_date": date(born, 1, 1) + timedelta(days=chance.randrange(365)),
        "sex": pupil.person.sex,
        "ethnicity": people.name if people else None,
        "ethnicity_code_set": people.code_set if people else None,
        "ethnicity_code": people.code if people else None,
        "ministry_code": f"{founding.first_ministry_code + pupil.id:010d}",
        "created_at": founding.opened_at,
    }
