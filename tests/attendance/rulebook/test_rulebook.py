"""What a school decides: its letters keep their meaning, its windows hold, its suggestions come in its order."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock, db
from app.access import Role
from app.errors import InvalidError
from attendance.rulebook.queries import rulebook_of
from attendance.rulebook.rules import Letter, Rulebook, SuggestionKind, check_letters, check_windows, order_of
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk


def test_a_school_writes_its_own_letters_and_reports_count_as_before(desk: Desk) -> None:
    url = f"/attendance/rules/{desk.world.school_ids['a']}"
    principal = desk.world.client(Role.PRINCIPAL)
    desk.save(desk.operation(0, "K"))
    twice = letters("CP", "CP", "T", "CR")
    assert principal.post(f"{url}/letters", data=twice).status_code == 422
    assert principal.post(f"{url}/letters", data=letters("CP", "KP", "T", "CR")).status_code == 302
    page = principal.get(f"/registers/{desk.register_id}").text
    assert re.search(r'"letter": ?"KP"', page), "what was written as K is KP now"
    saved = desk.save(
        desk.operation(1, "KP", base=1),
        desk.operation(2, "CR", base=1),
        desk.operation(3, "CP", base=1),
        base=1,
    ).get_json()
    counted = saved["counters"]
    assert (counted["unexcused"], counted["pending"], counted["excused"]) == (2, 1, 1)
    assert desk.save(desk.operation(4, "K", base=2), base=2).status_code == 422, (
        "no letter of this school any more"
    )
    with clock.at(MORNING + timedelta(hours=2)):
        past = principal.get(f"/registers/as-of/{desk.world.class_ids['own']}?at={MONDAY}T07:06").text
    assert "không phép 2" in " ".join(past.split()) or "không phép 1" in " ".join(past.split())


def letters(*written: str) -> dict[str, str]:
    ids = (1, 2, 3, 4)
    found = {f"letter-{code}": letter for code, letter in zip(ids, written, strict=True)}
    found |= {f"name-{code}": f"Ký hiệu {code}" for code in ids} | {f"offered-{code}": "1" for code in ids}
    others = {"letter-5": "S", "name-5": "Về sớm", "letter-6": "H", "name-6": "Việc trường"}
    return found | others


RULES = {"teacher_days": 0, "office_days": 2, "paper_days": 30, "scan_days": 90}


def test_the_windows_of_a_school_hold(desk: Desk) -> None:
    url = f"/attendance/rules/{desk.world.school_ids['a']}"
    principal = desk.world.client(Role.PRINCIPAL)
    assert principal.post(url, data=RULES | {"teacher_days": 9}).status_code == 422
    assert principal.post(url, data=RULES).status_code == 302
    assert desk.save(desk.operation(0, "K")).status_code == 200
    with clock.at(MORNING + timedelta(days=1)):
        desk.world.client(Role.HOMEROOM_TEACHER)
        assert desk.save(desk.operation(0, "P", base=1), base=1).status_code == 409


def test_a_school_puts_every_kind_of_suggestion_in_its_place(desk: Desk) -> None:
    school = desk.world.school_ids["a"]
    principal = desk.world.client(Role.PRINCIPAL)
    places = {"gate": "1", "lesson": "2", "outing": "3", "excuse": "4", "previous": "5"}
    form = {"teacher_days": "3", "office_days": "14", "paper_days": "30", "scan_days": "90"} | {
        f"suggestion-{kind}": place for kind, place in places.items()
    }
    assert principal.post(f"/attendance/rules/{school}", data=form).status_code == 302
    with desk.world.app.app_context():
        assert rulebook_of(db.session(), school).order == tuple(SuggestionKind(kind) for kind in places)
    page = principal.get(f"/attendance/rules/{school}").text
    assert [page.index(f'name="suggestion-{kind}"') for kind in places] == sorted(
        page.index(f'name="suggestion-{kind}"') for kind in places
    )
    assert (
        principal.post(f"/attendance/rules/{school}", data=form | {"suggestion-gate": "x"}).status_code == 302
    )


@given(st.lists(st.sampled_from(SuggestionKind)))
def test_every_kind_of_suggestion_has_one_place(wanted: list[SuggestionKind]) -> None:
    order = order_of(wanted)
    assert sorted(order) == sorted(SuggestionKind)
    assert list(order[: len(set(wanted))]) == list(dict.fromkeys(wanted))


@given(st.integers(0, 366), st.integers(0, 366), st.integers(0, 800))
def test_a_window_closes_once_and_the_office_has_longer(teacher: int, office: int, later: int) -> None:
    rulebook = Rulebook(teacher, office)
    try:
        check_windows(teacher, office)
    except InvalidError:
        assert office < teacher
        return
    today = MONDAY + timedelta(days=later)
    hands = [rulebook.is_open(hand, MONDAY, today) for hand in ("teacher", "office", "principal")]  # type: ignore[arg-type]
    assert hands == sorted(hands), "whoever has less is closed first"


def test_letters_need_a_letter_and_a_name() -> None:
    with pytest.raises(InvalidError) as refused:
        check_letters([Letter(1, "", "Có phép", is_offered=True), Letter(2, "K", "", is_offered=True)])
    assert set(refused.value.fields) == {"letter-1", "name-2"}
