"""`/api/v1/registers`: parse, who asks, what of it, answer. Every refusal is JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request
from limits import parse

from app import clock, db
from app.accounts.views.tries import limiter
from app.errors import ConflictError, InvalidError, NotFoundError
from app.http import translate
from app.oneroster.rules.ids import Kind
from app.oneroster.views.tokens import reader_of_request
from app.payload import build
from app.rest import answered, link_next, no_token, refused, too_many
from attendance.programs.commands import ids_of_installation, note_read, write_marks
from attendance.programs.forms import WritingForm
from attendance.programs.queries import (
    register_of_school,
    registers_asked,
    school_of_program,
    whole_register,
)
from attendance.programs.rules.asking import KIND_NAMES, NAMES, READ, WRITE, Question
from attendance.registers.events import tell_standing
from attendance.registers.rules.states import TAKEN, SlotKind, period_of, session_of
from attendance.registers.views.island import standing_json

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.oneroster.queries.clients import Reader
    from app.oneroster.rules.ids import Ids
    from attendance.programs.queries import Coverage, WholeRegister
    from attendance.registers.commands.saving import Saved, ShownConflict
    from attendance.registers.models import Register
    from attendance.registers.queries.sheets import MarkLine
    from attendance.registers.rules.marks import Code, MarkValue

bp = Blueprint("programs", __name__)
BASE: Final = "/api/v1/registers"
ASKED_PER_CLIENT: Final = parse("300 per minute")


class RefusedError(Exception):
    """A program that may not do this; `answer` tells it why."""

    def __init__(self, answer: tuple[Response, int]) -> None:
        super().__init__()
        self.answer = answer


@bp.get(BASE)
def registers() -> Response:
    """Answer with a page of the registers of the program's school."""
    reader = _reader(READ)
    question = Question.of(request.args, clock.today())
    ids, session = ids_of_installation(), db.session()
    unit = school_of_program(session, reader.school_id, question.school)
    page = registers_asked(session, reader.school_id, question, ids)
    answer = answered(
        {
            "school": {"sourcedId": ids.of(Kind.UNIT, unit.id), "code": unit.code, "name": unit.name},
            "from": question.first.isoformat(),
            "to": question.after_last.isoformat(),
            "total": page.total,
            "page": question.page,
            "pages": max(1, -(-page.total // question.per_page)),
            "coverage": _coverage_json(page.coverage),
            "registers": [_register_json(row.register, row.class_name, ids) for row in page.rows],
        }
    )
    if question.page * question.per_page < page.total:
        link_next(answer, BASE, question.page)
    what = {"from": question.first, "to": question.after_last, "count": len(page.rows)}
    return _noted(reader, what, answer)


@bp.get(f"{BASE}/<int:register_id>")
def register(register_id: int) -> Response:
    """Answer with one register: its roster, its marks, its counters."""
    reader = _reader(READ)
    ids, session = ids_of_installation(), db.session()
    found = whole_register(session, register_of_school(session, reader.school_id, register_id))
    answer = answered(_whole_json(found, ids, with_names=NAMES in reader.scopes))
    return _noted(reader, {"register": register_id, "count": 1}, answer)


@bp.post(f"{BASE}/<int:register_id>/marks")
def write(register_id: int) -> Response:
    """Store marks; 409 with both values of each pupil of whom somebody must decide. The others are stored."""
    reader = _reader(WRITE)
    writing = build(WritingForm, request.get_json(silent=True)).read()
    ids = ids_of_installation()
    row = register_of_school(db.session(), reader.school_id, register_id)
    saved = write_marks(reader, row, writing, ids)
    tell_standing(register_id, standing_json(saved), reader.name, reader.client_id)
    standing = _saved_json(saved, ids)
    if saved.conflicts:
        raise ConflictError(str(len(saved.conflicts)), standing)
    return answered(standing)


# --- who asks -----------------------------------------------------------------------------------------------------


def _reader(scope: str) -> Reader:
    """Return the program that asks; raise RefusedError without a token or the scope, or when it asks too often."""
    reader = reader_of_request()
    if reader is None:
        raise RefusedError(no_token("registers"))
    if not limiter.limiter.hit(ASKED_PER_CLIENT, "registers", reader.client_id):
        raise RefusedError(too_many())
    if scope not in reader.scopes:
        raise RefusedError(refused("insufficient_scope", 403, {"scope": scope}))
    return reader


def _noted(reader: Reader, what: dict[str, object], answer: Response) -> Response:
    """Keep that this was read before it goes out; who has it already reads nothing."""
    if answer.status_code == 200:  # noqa: PLR2004 - not 304
        note_read(reader, what)
    return answer


@bp.errorhandler(RefusedError)
def tell_refused(error: RefusedError) -> tuple[Response, int]:
    """Tell a program that it may not."""
    return error.answer


@bp.errorhandler(NotFoundError)
def tell_unknown(error: NotFoundError) -> tuple[Response, int]:
    """Tell a program that its school has no such thing; what another school has is told in the same words."""
    del error
    return refused("not_found", 404)


@bp.errorhandler(InvalidError)
def tell_invalid(error: InvalidError) -> tuple[Response, int]:
    """Tell a program which field or parameter is at fault."""
    fields = {name: translate(why) for name, why in error.fields.items()}
    return refused("invalid", 422, fields or {"": translate(error.message)})


@bp.errorhandler(ConflictError)
def tell_conflict(error: ConflictError) -> tuple[Response, int]:
    """Tell a program what stands: a pupil of whom somebody else said something, a register that is closed."""
    answer = answered({"error": "conflict", "fields": {}, "current": error.current})
    return answer, 409


# --- JSON ---------------------------------------------------------------------------------------------------------


def _coverage_json(coverage: Coverage) -> dict[str, Any]:
    share = round(coverage.taken / coverage.due, 4) if coverage.due else None
    return {"due": coverage.due, "taken": coverage.taken, "share": share}


def _register_json(row: Register, class_name: str, ids: Ids) -> dict[str, Any]:
    kind = SlotKind(row.slot_kind)
    is_taken = row.standing in TAKEN
    return {
        "id": row.id,
        "day": row.day.isoformat(),
        "kind": KIND_NAMES[kind],
        "session": session_of(row.slot).value,
        "period": period_of(row.slot),
        "programme_session": row.programme_session,
        "class": {"sourcedId": ids.of(Kind.CLASS, row.class_id), "name": class_name},
        "state": row.state,
        "is_taken": is_taken,
        "version": row.row_version,
        "counters": asdict(row.counters) if is_taken else None,
    }


def _whole_json(found: WholeRegister, ids: Ids, *, with_names: bool) -> dict[str, Any]:
    sheet = found.sheet
    return _register_json(sheet.register, sheet.school_class.name, ids) | {
        "coverage": _coverage_json(found.coverage),
        "codes": [_code_json(code) for code in sheet.codes.all],
        "pupils": [
            {
                "sourcedId": ids.of(Kind.PUPIL, pupil.id),
                **({"name": pupil.full_name, "code": found.codes[pupil.id]} if with_names else {}),
            }
            for pupil in sheet.pupils
        ],
        "marks": [_mark_json(pupil_id, line, ids) for pupil_id, line in sheet.marks.items()],
    }


def _code_json(code: Code) -> dict[str, Any]:
    return {
        "letter": code.letter,
        "name": translate(code.name),
        "is_present": code.is_present,
        "is_authorised": code.is_authorised,
        "is_pending": code.is_pending,
        "is_late": code.is_late,
        "is_early_leave": code.is_early_leave,
    }


def _mark_json(pupil_id: int, line: MarkLine, ids: Ids) -> dict[str, Any]:
    return {
        "pupil": ids.of(Kind.PUPIL, pupil_id),
        "letter": line.letter,
        "teacher": line.value.letter,
        "is_corrected": line.is_corrected,
        **_value_json(line.value),
    }


def _value_json(value: MarkValue) -> dict[str, Any]:
    return {"minutes_late": value.minutes_late, "arrived": value.arrived, "left": value.left}


def _saved_json(saved: Saved, ids: Ids) -> dict[str, Any]:
    return {
        "version": saved.version,
        "state": saved.state.value,
        "marks": [_mark_json(pupil_id, line, ids) for pupil_id, line in saved.marks.items()],
        "conflicts": [_conflict_json(one, ids) for one in saved.conflicts],
    }


def _conflict_json(shown: ShownConflict, ids: Ids) -> dict[str, Any]:
    conflict = shown.conflict
    pupil_id = conflict.operation.pupil_id
    return {
        "operation": conflict.operation.id,
        "pupil": ids.of(Kind.PUPIL, pupil_id) if pupil_id else None,
        "refusal": conflict.refusal.value,
        "yours": {"letter": conflict.operation.value.letter, **_value_json(conflict.operation.value)},
        "current": {"letter": conflict.current.letter, **_value_json(conflict.current)},
        "at": shown.at.isoformat() if shown.at else None,
    }
