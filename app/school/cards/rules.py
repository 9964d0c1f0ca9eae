"""Rules of cards: who gets which number, what the QR code says, how cards stand on sheets."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import segno

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

LARGEST_NUMBER: Final = 50
"""So many paper cards a camera tells apart; a class is smaller."""
PER_SHEET: Final = 10
QR_MASK: Final = 3
"""Any of the eight masks can be read (ISO/IEC 18004); trying all of them takes 10 ms a card instead of 2."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card; `number` is None for a pupil for whom no number was left."""

    name: str
    class_name: str
    code: str
    number: int | None


def numbers_for(pupil_ids: Sequence[int], held: Mapping[int, int]) -> dict[int, int]:
    """Return {pupil: number} for the pupils of a class in their order; whoever has a number keeps it.

    A new pupil gets the lowest number that nobody ever had; when all fifty were given, that of a pupil who left. With
    more than fifty pupils the last to come have none.
    """
    free = [number for number in range(1, LARGEST_NUMBER + 1) if number not in set(held.values())]
    here = set(pupil_ids)
    free += sorted(number for pupil_id, number in held.items() if pupil_id not in here)
    kept = {pupil_id: held[pupil_id] for pupil_id in pupil_ids if pupil_id in held}
    new = [pupil_id for pupil_id in pupil_ids if pupil_id not in held]
    return kept | dict(zip(new, free, strict=False))


def card_address(address: str, code: str) -> str:
    """Return what a card's QR code says: the page where lessons are joined. A fragment is never sent to a server."""
    return f"{address.rstrip('/')}/j#{code}"


def qr_svg(content: str) -> str:
    """Return a QR code as SVG without a quiet zone, with the medium error correction of ISO/IEC 18004 or better."""
    symbol = segno.make_qr(content, error="m", mask=QR_MASK)
    drawn = io.BytesIO()
    symbol.save(drawn, kind="svg", border=0, xmldecl=False, omitsize=True)
    return drawn.getvalue().decode()


def sheets_of(cards: Collection[Card], address: str, heading: str) -> Iterator[dict[str, object]]:
    """Yield the sheets of a class's cards, ten to each, as `sheets.typ` reads them; `heading` names the class."""
    every = list(cards)
    total = -(-len(every) // PER_SHEET)
    for start in range(0, len(every), PER_SHEET):
        some = every[start : start + PER_SHEET]
        yield {
            "heading": f"{heading} · {start // PER_SHEET + 1} / {total}",
            "cards": [asdict(one) | {"qr": qr_svg(card_address(address, one.code))} for one in some],
        }
