"""Numbers of cards: kept, never given twice while somebody who had them is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.school.cards.rules import LARGEST_NUMBER, PER_SHEET, Card, numbers_for, qr_svg, sheets_of

PUPILS = st.lists(st.integers(1, 90), unique=True, max_size=70)


@given(terms=st.lists(PUPILS, min_size=1, max_size=4))
def test_numbers_stay_and_are_each_ones_own(terms: list[list[int]]) -> None:
    held: dict[int, int] = {}
    for pupils in terms:
        found = numbers_for(pupils, held)
        assert {who: found.get(who) for who in pupils if who in held} == {
            who: held[who] for who in pupils if who in held
        }
        assert len(set(found.values())) == len(found)
        assert len(found) == min(len(pupils), LARGEST_NUMBER)
        assert all(1 <= number <= LARGEST_NUMBER for number in found.values())
        taken = {number: who for who, number in held.items()} | {number: who for who, number in found.items()}
        held = {who: number for number, who in taken.items()}


def test_a_number_of_somebody_who_left_is_given_last() -> None:
    held = dict(zip(range(1, 50), range(1, 50), strict=True))
    assert numbers_for([*range(2, 50), 100, 101], held)[100] == 50
    assert numbers_for([*range(2, 50), 100, 101], held)[101] == 1


def test_ten_cards_stand_on_a_sheet_and_the_code_in_the_fragment() -> None:
    cards = [Card(f"Em {number}", "4/1", "K7QM", number) for number in range(1, 24)]
    sheets = list(sheets_of(cards, "https://truong.example/", "Lớp 4/1"))
    assert [len(sheet["cards"]) for sheet in sheets] == [PER_SHEET, PER_SHEET, 3]  # type: ignore[arg-type]
    assert sheets[1]["heading"] == "Lớp 4/1 · 2 / 3"
    assert sheets[0]["cards"][0]["qr"] == qr_svg("https://truong.example/j#K7QM")  # type: ignore[index]
