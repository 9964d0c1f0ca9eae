"""Writes of the organisation: add a unit, move it below another, merge units; load a whole history from a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from app import clock, db, text
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.school.commands import LOCAL_CODES, add_unit
from app.school.models import OrgUnit, School
from app.school.organisation.models import OrgParent, OrgSuccession
from app.school.organisation.queries import unit_as_of
from app.school.organisation.rules import HistoryLine, LineKind, SuccessionKind
from app.school.queries import ancestors
from app.school.rules import UnitKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor

MERGEABLE: Final = frozenset({UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.WARD})
"""Schools hold pupils and registers; they are moved, not merged."""
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewUnit:
    """What is said of a unit when it is added."""

    kind: UnitKind
    code: str
    name: str
    valid_from: date
    type_name: str = ""
    code_set: str = LOCAL_CODES


def add_below(actor: Actor, parent_id: int, new: NewUnit) -> int:
    """Add a unit below another and return its id; raise InvalidError or, when the code is taken, ConflictError."""
    code, name = new.code.strip(), text.clean_name(new.name)
    if not code or not name:
        raise InvalidError(say("Đơn vị cần có mã và tên."))
    taken = ConflictError(say("Đã có đơn vị mang mã %(code)s.", code=code))
    try:
        with db.transaction() as current:
            if unit_as_of(current, code, new.code_set, new.valid_from):
                raise taken
            unit = add_unit(
                current,
                new.kind,
                code,
                name,
                parent_id,
                type_name=text.clean_name(new.type_name),
                code_set=new.code_set,
                valid_from=new.valid_from,
            )
            if new.kind is UnitKind.SCHOOL:
                current.add(School(id=unit.id))
            details = {"code": code, "name": name, "parent": parent_id}
            record(current, actor, "unit.added", ("unit", unit.id), details)
            return unit.id
    except IntegrityError as error:
        raise taken from error


def move_unit(actor: Actor, unit_id: int, parent_id: int, on: date) -> None:
    """Put a unit below another one from a day on; until then it belongs where it was.

    The same request again changes nothing. The day may lie in the past, not in the future. Raises InvalidError when
    the day is before the last move or the new parent is the unit itself or below it.
    """
    with db.transaction() as current:
        _one_at_a_time(current)
        unit = current.get_one(OrgUnit, unit_id)
        if (unit.parent_id, _since(current, unit)) == (parent_id, on):
            return
        _refuse_move(current, unit, parent_id, on)
        if unit.parent_id == parent_id:
            return
        _keep_parent(current, unit, on)
        details = {"from": unit.parent_id, "to": parent_id, "on": on.isoformat()}
        unit.parent_id = parent_id
        record(current, actor, "unit.moved", ("unit", unit_id), details)


def _one_at_a_time(current: Session) -> None:
    """Hold the tree by its roots until the transaction ends: two moves, each right, could make a circle together."""
    roots = select(OrgUnit.id).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id)
    current.execute(roots.with_for_update(key_share=True))


def _refuse_move(current: Session, unit: OrgUnit, parent_id: int, on: date) -> None:
    if on > clock.today():
        raise InvalidError(
            say("Ngày chuyển chưa tới. Hãy ghi nhận khi việc chuyển đã có hiệu lực."),
            {"on": say("Chọn hôm nay hoặc một ngày đã qua.")},
        )
    if unit.id in ancestors(current, parent_id):
        raise InvalidError(say("Không thể chuyển một đơn vị xuống dưới chính nó."))
    if current.get_one(OrgUnit, parent_id).kind == UnitKind.SITE:
        raise InvalidError(say("Điểm trường không có đơn vị cấp dưới."))
    if on <= _since(current, unit):
        raise InvalidError(
            say(
                "%(unit)s chỉ thuộc đơn vị cấp trên hiện nay từ ngày %(day)s.",
                unit=unit.name,
                day=_since(current, unit).strftime("%d/%m/%Y"),
            ),
            {"on": say("Chọn ngày sau ngày đó.")},
        )


def _since(current: Session, unit: OrgUnit) -> date:
    """Return the day since which the present parent holds."""
    last = current.scalar(
        select(OrgParent.ends_on)
        .where(OrgParent.unit_id == unit.id)
        .order_by(OrgParent.ends_on.desc())
        .limit(1)
    )
    return last or unit.valid_from


def _keep_parent(current: Session, unit: OrgUnit, until: date) -> None:
    current.add(
        OrgParent(unit_id=unit.id, parent_id=unit.parent_id, starts_on=_since(current, unit), ends_on=until)
    )
    current.flush()


def merge_unit(actor: Actor, unit_id: int, successor_id: int, on: date) -> int:
    """End a province-level unit, district or ward on a day in favour of another; return how many units moved along.

    What was below it is below the successor from that day on. Raises InvalidError for schools and impossible days.
    """
    with db.transaction() as current:
        _one_at_a_time(current)
        unit, successor = current.get_one(OrgUnit, unit_id), current.get_one(OrgUnit, successor_id)
        _refuse_merge(current, unit, successor, on)
        children = current.scalars(
            select(OrgUnit).where(
                OrgUnit.parent_id == unit_id, or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > on)
            )
        ).all()
        for child in children:
            if _since(current, child) < on:
                _keep_parent(current, child, on)
            child.parent_id = successor_id
        unit.valid_to = on
        current.add(
            OrgSuccession(
                predecessor_id=unit_id, successor_id=successor_id, kind=SuccessionKind.MERGED, on_date=on
            )
        )
        details = {"into": successor_id, "on": on.isoformat(), "moved": [child.id for child in children]}
        record(current, actor, "unit.merged", ("unit", unit_id), details)
        return len(children)


def _refuse_merge(current: Session, unit: OrgUnit, successor: OrgUnit, on: date) -> None:
    if unit.kind not in MERGEABLE or successor.kind not in MERGEABLE:
        raise InvalidError(
            say("Chỉ sáp nhập đơn vị hành chính. Trường thì chuyển sang đơn vị cấp trên khác.")
        )
    if unit.id in ancestors(current, successor.id):
        raise InvalidError(say("Không thể sáp nhập một đơn vị vào chính nó hoặc vào đơn vị cấp dưới của nó."))
    if on > clock.today():
        raise InvalidError(say("Ngày sáp nhập chưa tới. Hãy ghi nhận khi việc sáp nhập đã có hiệu lực."))
    if unit.valid_to is not None:
        raise ConflictError(say("%(unit)s đã kết thúc trước đó.", unit=unit.name))
    if (
        on <= unit.valid_from
        or successor.valid_from > on
        or (successor.valid_to and successor.valid_to <= on)
    ):
        raise InvalidError(say("Vào ngày đó hai đơn vị này không cùng tồn tại."))


def require_unit(current: Session, code_set: str, code: str, day: date) -> OrgUnit:
    """Return the unit that carries a code on a day; raise NotFoundError with what was looked for."""
    unit = unit_as_of(current, code, code_set, day)
    if unit is None:
        message = f"{code_set}:{code} {day:%d/%m/%Y}"
        raise NotFoundError(message)
    return unit


# --- a history from a file ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Loaded:
    """How many units, former parents and successions a file added or changed."""

    units: int = 0
    parents: int = 0
    successions: int = 0


def load_history(actor: Actor, lines: list[HistoryLine]) -> Loaded:
    """Write a whole history in one transaction; doing it again changes nothing. Raises InvalidError with the line."""
    done = Loaded()
    with db.transaction() as current:
        for line in lines:
            try:
                _load_line(current, line, done)
            except NotFoundError as error:
                raise InvalidError(
                    say("Dòng %(row)s: không có đơn vị %(unit)s.", row=line.row, unit=str(error))
                ) from error
            current.flush()
        details = {"units": done.units, "parents": done.parents, "successions": done.successions}
        record(current, actor, "organisation.loaded", ("organisation", 0), details)
    return done


def _load_line(current: Session, line: HistoryLine, done: Loaded) -> None:
    if line.what is LineKind.UNIT:
        done.units += _load_unit(current, line)
    elif line.what is LineKind.PARENT:
        done.parents += _load_parent(current, line)
    else:
        done.successions += _load_succession(current, line)


def _load_unit(current: Session, line: HistoryLine) -> bool:
    last_day = line.valid_to - ONE_DAY if line.valid_to else max(line.valid_from, clock.today())
    parent = (
        require_unit(current, line.other_code_set, line.other_code, last_day) if line.other_code else None
    )
    unit = current.scalar(
        select(OrgUnit).where(
            OrgUnit.code_set == line.code_set,
            OrgUnit.code == line.code,
            OrgUnit.valid_from == line.valid_from,
        )
    )
    if unit is None:
        unit = add_unit(
            current,
            UnitKind(line.kind),
            line.code,
            line.name,
            parent.id if parent else None,
            type_name=line.type_name,
            code_set=line.code_set,
            valid_from=line.valid_from,
        )
        unit.valid_to = line.valid_to
        if unit.kind == UnitKind.SCHOOL:
            current.add(School(id=unit.id))
        return True
    changed = (unit.name, unit.type_name, unit.valid_to) != (line.name, line.type_name, line.valid_to)
    unit.name, unit.type_name, unit.valid_to = line.name, line.type_name, line.valid_to
    unit.name_fold, unit.name_sort = text.fold(line.name), text.natural_key(line.name)
    return changed


def _load_parent(current: Session, line: HistoryLine) -> bool:
    unit = require_unit(current, line.code_set, line.code, line.valid_from)
    parent = require_unit(current, line.other_code_set, line.other_code, line.valid_from)
    there = current.scalar(
        select(OrgParent).where(OrgParent.unit_id == unit.id, OrgParent.starts_on == line.valid_from)
    )
    if there is None and line.valid_to is not None:
        current.add(
            OrgParent(unit_id=unit.id, parent_id=parent.id, starts_on=line.valid_from, ends_on=line.valid_to)
        )
        return True
    return False


def _load_succession(current: Session, line: HistoryLine) -> bool:
    before = require_unit(current, line.code_set, line.code, line.valid_from - ONE_DAY)
    after = require_unit(current, line.other_code_set, line.other_code, line.valid_from)
    there = current.scalar(
        select(OrgSuccession).where(
            OrgSuccession.predecessor_id == before.id, OrgSuccession.successor_id == after.id
        )
    )
    if there is None:
        current.add(
            OrgSuccession(
                predecessor_id=before.id, successor_id=after.id, kind=line.kind, on_date=line.valid_from
            )
        )
    return there is None
