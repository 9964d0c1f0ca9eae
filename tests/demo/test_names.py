"""Invented people: the same for the same seed, of every people, and nobody whom everybody knows."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app import text
from app.intake.rules.catalogues import ethnicity, is_known_people
from demo.names import FEMALE, KINH_FAMILIES, KNOWN_PEOPLE, MALE, PEOPLES, NameGiver, balanced_sexes

MANY = 6_000


def _pupils(seed: int, count: int) -> list[tuple[str, str, str]]:
    names = NameGiver(random.Random(seed))
    people = [names.pupil(sex) for sex in balanced_sexes(count, random.Random(seed))]
    return [(one.full_name, one.sex, one.ethnicity) for one in people]


@given(st.integers())
def test_the_same_seed_gives_the_same_people(seed: int) -> None:
    assert _pupils(seed, 40) == _pupils(seed, 40)


def test_names_are_written_as_they_are_stored() -> None:
    for full_name, _, _ in _pupils(1, MANY):
        assert text.clean_name(full_name) == full_name
        assert 1 <= full_name.count(" ") <= 3 or full_name.startswith(("H'", "K'"))
        assert text.legacy_encoding([full_name]) is None


def test_every_people_is_there_in_about_its_share() -> None:
    shares = Counter(people for _, _, people in _pupils(2, MANY))
    assert shares.keys() == PEOPLES.keys()
    for people, thousandths in PEOPLES.items():
        assert thousandths / 2 < shares[people] / MANY * 1000 < thousandths * 2
        found = ethnicity(people)
        assert found is not None
        assert is_known_people(found)
        assert found.name == people


def test_the_peoples_have_their_own_names() -> None:
    by_people: dict[tuple[str, str], list[str]] = {}
    for full_name, sex, people in _pupils(3, MANY):
        by_people.setdefault((people, sex), []).append(full_name)
    assert all(name.startswith("Điểu ") for name in by_people["Xtiêng", MALE])
    assert all(name.startswith("Thị ") for name in by_people["Xtiêng", FEMALE])
    assert all(name.startswith("Y ") for name in by_people["Ê-đê", MALE])
    assert all(name.startswith("H'") for name in by_people["Ê-đê", FEMALE])
    assert all(name.split(" ")[0] in KINH_FAMILIES for name in by_people["Kinh", FEMALE])
    assert not any(" Thị " in name for name in by_people["Kinh", MALE])


def test_nobody_is_called_like_somebody_famous() -> None:
    names = NameGiver(random.Random(4))
    given_names = {names.pupil(sex).full_name for sex in balanced_sexes(MANY, random.Random(4))}
    given_names |= {names.adult(sex).full_name for sex in balanced_sexes(MANY, random.Random(5))}
    assert not given_names & KNOWN_PEOPLE
    assert all(text.clean_name(name) == name for name in KNOWN_PEOPLE)


def test_a_name_to_avoid_is_avoided() -> None:
    known: set[str] = set()
    names = NameGiver(random.Random(6))
    for _ in range(300):
        person = names.pupil(FEMALE, known)
        assert person.full_name not in known
        known.add(person.full_name)


def test_a_father_hands_down_the_family_name() -> None:
    names = NameGiver(random.Random(7))
    for _ in range(200):
        child = names.pupil(MALE)
        father = names.guardian(child, MALE)
        if child.ethnicity == "Kinh":
            assert father.full_name.split(" ")[0] == child.full_name.split(" ")[0]
        assert father.full_name != child.full_name


@given(st.integers(1, 60), st.integers())
def test_boys_and_girls_are_as_even_as_can_be(count: int, seed: int) -> None:
    sexes = Counter(balanced_sexes(count, random.Random(seed)))
    assert sum(sexes.values()) == count
    assert abs(sexes[MALE] - sexes[FEMALE]) <= 1
