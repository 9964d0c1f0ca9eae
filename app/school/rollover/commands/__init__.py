"""Deciding a year rollover: begin, choose for classes and pupils, put aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.commands import ensure_year
from app.school.models import SchoolYear
from app.school.rollover.models import Rollover
from app.school.rollover.queries import open_rollover
from app.school.rollover.rules import Plan, RolloverState, plan_from_json, plan_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.rollover.rules import ClassChoice, PupilChoice


def begin_rollover(actor: Actor, school_id: int, years: tuple[str, str], client_key: str) -> int:
    """Begin the step from one year (code) into another and return its id; a draft that is there already is taken.

    The new year is made with the usual frame when nobody has made it. Raises InvalidError when it does not come later.
    """
    try:
        with db.transaction() as session:
            known = session.scalar(select(Rollover.id).where(Rollover.client_key == client_key))
            there = open_rollover(session, school_id)
            if known is not None or there is not None:
                return known or (there.id if there else 0)
            return _draft(session, actor, school_id, years, client_key).id
    except IntegrityError as error:
        raise ConflictError(say("Vừa có người khác bắt đầu kết chuyển. Hãy tải lại trang.")) from error


def _draft(
    session: Session, actor: Actor, school_id: int, years: tuple[str, str], client_key: str
) -> Rollover:
    old = session.scalar(select(SchoolYear).where(SchoolYear.code == years[0]))
    if old is None:
        raise InvalidError(
            say("Không có năm học %(code)s.", code=years[0]), {"from_year": say("Chọn năm học.")}
        )
    new = ensure_year(session, years[1])
    if new.starts_on < old.ends_on:
        raise InvalidError(
            say("Năm học mới phải bắt đầu sau khi năm học cũ kết thúc."),
            {"to_year": say("Chọn năm học sau.")},
        )
    row = Rollover(
        school_id=school_id,
        from_year_id=old.id,
        to_year_id=new.id,
        client_key=client_key,
        state=RolloverState.DRAFT,
        plan=plan_to_json(Plan()),
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, "rollover.begun", ("school", school_id), {"from": old.code, "to": new.code})
    return row


def decide_classes(
    rollover_id: int,
    seen: int,
    classes: Mapping[int, ClassChoice],
    first_grade: Sequence[str],
    *,
    opens: bool,
) -> None:
    """Write down what the classes do. Raises ConflictError when somebody decided since the page was made (`seen`)."""
    with db.transaction() as session:
        row = _drafted(session, rollover_id, seen)
        plan = plan_from_json(row.plan)
        _keep(row, replace(plan, classes=dict(classes), first_grade=tuple(first_grade), opens=opens))


def decide_pupils(rollover_id: int, seen: int, choices: Mapping[int, PupilChoice | None]) -> None:
    """Write down what single pupils do; None: as the class does. Raises ConflictError as `decide_classes` does."""
    with db.transaction() as session:
        row = _drafted(session, rollover_id, seen)
        plan = plan_from_json(row.plan)
        kept = {key: one for key, one in {**plan.pupils, **choices}.items() if one is not None}
        _keep(row, replace(plan, pupils=kept))


def _drafted(session: Session, rollover_id: int, seen: int) -> Rollover:
    row = session.get_one(Rollover, rollover_id, with_for_update=True)
    if row.state != RolloverState.DRAFT:
        raise ConflictError(say("Lần kết chuyển này không còn là bản nháp. Hãy tải lại trang."))
    if row.row_version != seen:
        raise ConflictError(say("Bản nháp vừa được người khác sửa. Hãy tải lại trang rồi sửa tiếp."))
    return row


def _keep(row: Rollover, plan: Plan) -> None:
    row.plan, row.row_version = plan_to_json(plan), row.row_version + 1


def discard_rollover(actor: Actor, rollover_id: int) -> None:
    """Put a draft aside; nothing was written. Twice is once."""
    with db.transaction() as session:
        row = session.get_one(Rollover, rollover_id, with_for_update=True)
        if row.state == RolloverState.DRAFT:
            row.state = RolloverState.DISCARDED
            record(session, actor, "rollover.discarded", ("school", row.school_id), {"rollover": row.id})
