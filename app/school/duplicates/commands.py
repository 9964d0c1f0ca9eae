"""Making two records of one pupil one, in one transaction, and taking that back."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import say
from app.merging import Pair, belongings
from app.school.duplicates.models import PupilMerge
from app.school.duplicates.queries import said
from app.school.duplicates.rules import JOURNAL_KEPT, PupilsMerged, Value, joined, shortened
from app.school.enrolment.commands.steps import tell_changed
from app.school.enrolment.commands.writing import locked_pupil, write_history
from app.school.enrolment.queries import history_of
from app.school.enrolment.rules import History, from_json, to_json
from app.school.models import ClassMembership, Enrolment, Pupil
from app.text import fold, sort_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from app.access import Actor


def merge_pupils(
    actor: Actor, school_id: int, pair: Pair, from_gone: Collection[Value], client_key: str
) -> int:
    """Make two records of one pupil one and return the merge's id; the same key again returns the same.

    `from_gone` are the values that survive from the record that goes. Raises InvalidError when the pupil would be
    enrolled twice on a day, ConflictError when one of the records was merged or changed meanwhile.
    """
    try:
        with db.transaction() as session:
            known = session.scalar(select(PupilMerge.id).where(PupilMerge.client_key == client_key))
            if known is not None:
                return known
            return _merge(session, actor, school_id, pair, from_gone, client_key)
    except IntegrityError as error:
        raise ConflictError(say("Một trong hai hồ sơ vừa được thay đổi. Hãy tải lại trang.")) from error


def _merge(
    session: Session,
    actor: Actor,
    school_id: int,
    pair: Pair,
    from_gone: Collection[Value],
    client_key: str,
) -> int:
    kept, gone = _locked(session, pair)
    before = history_of(session, pair.kept), history_of(session, pair.gone)
    wanted, short = joined(*before), shortened(*before)
    values = {"kept": _plain(kept), "gone": _plain(gone)}
    moved = {one.name: one.move(session, pair) for one in belongings()}
    if short != before[1]:  # no pupil has two open enrolments in a year, not even in the middle of a merge
        write_history(session, pair.gone, before[1], short)
    _hand_over_rows(session, before[1], pair.gone, pair.kept)
    raw = history_of(session, pair.kept)
    after = write_history(session, pair.kept, raw, wanted)
    _take_values(session, kept, gone, from_gone)
    journal = {
        "values": values,
        "moved": moved,
        "before": [to_json(one) for one in before],
        "raw": to_json(raw),
        "after": to_json(after),
        "written": _plain(kept),
    }
    row = PupilMerge(
        school_id=school_id,
        kept_id=pair.kept,
        gone_id=pair.gone,
        client_key=client_key,
        journal=json.dumps(journal, ensure_ascii=False),
        merged_by=actor.user_id or None,
        merged_at=clock.now(),
    )
    session.add(row)
    session.flush()
    details = {"merge": row.id, "gone": pair.gone, "taken": sorted(value.value for value in from_gone)}
    record(session, actor, "pupil.merged", ("pupil", pair.kept), details)
    tell_changed(session, pair.kept, before[0], after)
    tell_changed(session, pair.gone, before[1], History())
    facts.record(session, PupilsMerged(pair.kept, pair.gone))
    return row.id


def _locked(session: Session, pair: Pair) -> tuple[Pupil, Pupil]:
    """Lock both records, always in the same order."""
    found = {pupil_id: locked_pupil(session, pupil_id) for pupil_id in sorted((pair.kept, pair.gone))}
    return found[pair.kept], found[pair.gone]


def _hand_over_rows(session: Session, history: History, source: int, target: int) -> None:
    """Give the dated rows of one pupil to another; they keep their ids."""
    session.flush()
    for table, rows in ((Enrolment, history.stays), (ClassMembership, history.classes)):
        session.execute(
            update(table)
            .where(table.id.in_([one.id for one in rows]), table.pupil_id == source)
            .values(pupil_id=target)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()


def _take_values(session: Session, kept: Pupil, gone: Pupil, from_gone: Collection[Value]) -> None:
    """Write the surviving values; the record that goes gives up its codes, which belong to one pupil at a time."""
    values = {value: said(gone if value in from_gone else kept)[value] for value in Value}
    gone.ministry_code = gone.temporary_key = None
    session.flush()
    _write(kept, values)
    session.flush()


def _write(pupil: Pupil, values: dict[Value, Any]) -> None:
    pupil.full_name = values[Value.NAME]
    pupil.name_fold, pupil.name_sort = fold(pupil.full_name), sort_key(pupil.full_name)
    pupil.birth_date = date.fromisoformat(values[Value.BIRTH_DATE]) if values[Value.BIRTH_DATE] else None
    pupil.sex, pupil.disability = values[Value.SEX], values[Value.DISABILITY]
    pupil.ministry_code, pupil.temporary_key = values[Value.CODE]
    pupil.ethnicity, pupil.ethnicity_code_set, pupil.ethnicity_code = values[Value.ETHNICITY]


def _plain(pupil: Pupil) -> dict[str, Any]:
    return {value.value: one for value, one in said(pupil).items()}


def undo_merge(actor: Actor, merge_id: int) -> None:
    """Make the two records what they were. Undoing twice is undoing once.

    Raises ConflictError when the kept record was changed since (what came later belongs to one record only), once the
    old values are forgotten (`forget_journals`), and of records that were forgotten themselves.
    """
    with db.transaction() as session:
        row = session.get_one(PupilMerge, merge_id, with_for_update=True)
        if row.undone_at is not None:
            return
        pair = Pair(row.kept_id, row.gone_id)
        kept, gone = _locked(session, pair)  # first: of who was forgotten the journal is gone for that reason
        if not row.journal:
            raise ConflictError(
                say("Đã quá %(days)s ngày nên không hoàn tác được lần gộp này.", days=JOURNAL_KEPT.days)
            )
        journal = json.loads(row.journal)
        now = history_of(session, pair.kept)
        if now != from_json(journal["after"]) or _plain(kept) != journal["written"]:
            raise ConflictError(say("Hồ sơ đã được sửa hoặc chuyển lớp sau khi gộp nên không hoàn tác được."))
        before = [from_json(one) for one in journal["before"]]
        write_history(session, pair.kept, now, from_json(journal["raw"]))
        _hand_over_rows(session, before[1], pair.kept, pair.gone)
        if (short := history_of(session, pair.gone)) != before[1]:
            write_history(session, pair.gone, short, before[1])
        for one in reversed(belongings()):
            if one.name in journal["moved"]:
                one.move_back(session, pair, journal["moved"][one.name])
        _put_back(session, kept, gone, journal["values"])
        row.undone_at, row.undone_by = clock.now(), actor.user_id or None
        record(
            session, actor, "pupil.merge_undone", ("pupil", pair.kept), {"merge": row.id, "gone": pair.gone}
        )
        tell_changed(session, pair.kept, now, before[0])
        tell_changed(session, pair.gone, History(), before[1])
        facts.record(session, PupilsMerged(pair.kept, pair.gone))


def _put_back(session: Session, kept: Pupil, gone: Pupil, values: dict[str, dict[str, Any]]) -> None:
    kept.ministry_code = kept.temporary_key = None
    session.flush()
    for pupil, old in ((gone, values["gone"]), (kept, values["kept"])):
        _write(pupil, {value: old[value.value] for value in Value})
        session.flush()


def forget_journals() -> None:
    """Forget what merges of more than `JOURNAL_KEPT` ago did, and those taken back: names and codes that nobody needs.

    That two records were made one, when and by whom, stays; a nightly task calls this.
    """
    with db.transaction() as session:
        session.execute(
            update(PupilMerge)
            .where(
                PupilMerge.journal != "",
                (PupilMerge.merged_at < clock.now() - JOURNAL_KEPT) | PupilMerge.undone_at.is_not(None),
            )
            .values(journal="")
            .execution_options(synchronize_session=False)
        )
