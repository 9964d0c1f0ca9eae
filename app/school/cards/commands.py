"""Writes of cards: give codes and numbers, order sheets, make them in a job, forget them after a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update

from app import clock, db
from app.audit.commands import record
from app.errors import InvalidError, NotFoundError
from app.i18n import N_, say
from app.jobs import enqueue
from app.paper import pdf_of
from app.school.cards.models import CardNumber, CardPrint
from app.school.cards.queries import cards_in_class, class_of_pupil, head_of_cards, numbers_of_class
from app.school.cards.rules import numbers_for, sheets_of
from app.school.commands import issue_cards
from app.school.models import Pupil, SchoolClass
from app.school.queries import classes_of_school, pupils_in_class

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.cards.rules import Card

PRINT_JOB: Final = "cards.print"
KEPT: Final = timedelta(days=7)
SHEETS: Final = Path(__file__).parent / "templates" / "cards_of_school" / "sheets.typ"


@dataclass(frozen=True, slots=True)
class Order:
    """What to print: a class's cards, one pupil's, or the whole school's. `address` is where the school is reached."""

    school_id: int
    year_id: int
    address: str
    client_key: str
    class_id: int | None = None
    pupil_id: int | None = None


def issue_class_cards(actor: Actor, school_class: SchoolClass, day: date) -> int:
    """Give a code and a number to every pupil of a class who lacks one; return how many codes were made."""
    with db.transaction() as current:
        return _issue(current, actor, school_class, pupils_in_class(current, school_class.id, day))


def _issue(current: Session, actor: Actor, school_class: SchoolClass, pupils: Sequence[Pupil]) -> int:
    made = issue_cards(current, school_class.school_id, school_class.year_id, pupils)
    number_class(current, school_class.id, [pupil.id for pupil in pupils])
    if made:
        record(current, actor, "cards.issued", ("class", school_class.id), {"count": made})
    return made


def number_class(current: Session, class_id: int, pupil_ids: Sequence[int]) -> None:
    """Give numbers to the pupils of a class, in their order, inside a running transaction (`rules.numbers_for`)."""
    current.get_one(SchoolClass, class_id, with_for_update=True)
    held = numbers_of_class(current, class_id)
    new = {who: number for who, number in numbers_for(pupil_ids, held).items() if who not in held}
    current.execute(
        delete(CardNumber).where(CardNumber.class_id == class_id, CardNumber.number.in_(new.values()))
    )
    current.add_all(CardNumber(class_id=class_id, pupil_id=who, number=number) for who, number in new.items())
    current.flush()


def order_print(actor: Actor, order: Order) -> int:
    """Have sheets made by a job and return the print's id; the same key twice is one print.

    Raises NotFoundError for a class or pupil of another school.
    """
    with db.transaction() as current:
        earlier = current.scalar(
            select(CardPrint.id).where(
                CardPrint.client_key == order.client_key, CardPrint.school_id == order.school_id
            )
        )
        if earlier is not None:
            return earlier
        _refuse_strangers(current, order)
        row = CardPrint(
            school_id=order.school_id,
            year_id=order.year_id,
            class_id=order.class_id,
            pupil_id=order.pupil_id,
            client_key=order.client_key,
            address=order.address,
            made_by=actor.user_id or None,
            made_at=clock.now(),
        )
        current.add(row)
        current.flush()
        row.job_id = enqueue(current, PRINT_JOB, actor.user_id, {"print_id": row.id}).id
        return row.id


def _refuse_strangers(current: Session, order: Order) -> None:
    found = current.get(SchoolClass, order.class_id) if order.class_id else None
    if order.class_id and (
        found is None or (found.school_id, found.year_id) != (order.school_id, order.year_id)
    ):
        raise NotFoundError
    if order.pupil_id and class_of_pupil(current, order.school_id, order.pupil_id, clock.today()) is None:
        raise NotFoundError


def make_print(actor: Actor, print_id: int, report: Callable[[int, int, str], None]) -> int:
    """Give the codes and numbers that are missing and set the sheets; return how many cards there are.

    One transaction a class, so that a school's print stands in nobody's way; doing it again changes no code.
    Raises InvalidError when there is nobody to print a card for.
    """
    session, today = db.session(), clock.today()
    row = session.get_one(CardPrint, print_id)
    classes = _classes_of(session, row, today)
    sheets: list[dict[str, object]] = []
    count = 0
    for done, school_class in enumerate(classes):
        report(done, len(classes) + 1, N_("Đang chuẩn bị thẻ"))
        cards = _cards_of(actor, school_class, row.pupil_id, today)
        count += len(cards)
        sheets += sheets_of(cards, row.address, str(say("Lớp %(name)s", name=school_class.name)))
    if not sheets:
        raise InvalidError(say("Chưa có học sinh nào trong lớp để in thẻ."))
    report(len(classes), len(classes) + 1, N_("Đang dàn trang"))
    head = head_of_cards(session, row.school_id, row.year_id)
    content = pdf_of(SHEETS, {**head, "sheets": sheets})
    _store(actor, print_id, content, count)
    return count


def _classes_of(session: Session, row: CardPrint, today: date) -> list[SchoolClass]:
    if row.pupil_id:
        found = class_of_pupil(session, row.school_id, row.pupil_id, today)
        return [found] if found else []
    if row.class_id:
        return [session.get_one(SchoolClass, row.class_id)]
    return classes_of_school(session, row.school_id, row.year_id)


def _cards_of(actor: Actor, school_class: SchoolClass, pupil_id: int | None, today: date) -> list[Card]:
    with db.transaction() as current:
        pupils = pupils_in_class(current, school_class.id, today)
        _issue(current, actor, school_class, pupils)
        wanted = [pupil for pupil in pupils if pupil_id in {None, pupil.id}]
        return cards_in_class(current, school_class, wanted)


def _store(actor: Actor, print_id: int, content: bytes, count: int) -> None:
    with db.transaction() as current:
        row = current.get_one(CardPrint, print_id)
        row.content, row.count, row.ready_at = content, count, clock.now()
        details = {"print": print_id, "count": count, "class": row.class_id, "pupil": row.pupil_id}
        record(current, actor, "cards.printed", ("school", row.school_id), details)


def note_download(actor: Actor, print_id: int) -> None:
    """Record that somebody took sheets of cards, before they are handed out."""
    with db.transaction() as current:
        row = current.get_one(CardPrint, print_id)
        details = {"print": print_id, "count": row.count, "class": row.class_id, "pupil": row.pupil_id}
        record(current, actor, "cards.downloaded", ("school", row.school_id), details)


def forget_old_prints() -> None:
    """Empty the sheets that were made more than a week ago; they can be made again at any time."""
    with db.transaction() as current:
        current.execute(
            update(CardPrint)
            .where(CardPrint.content.is_not(None), CardPrint.made_at < clock.now() - KEPT)
            .values(content=None)
        )
