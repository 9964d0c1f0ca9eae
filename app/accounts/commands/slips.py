"""First passwords on their way to paper: sealed when they are made, shown once, then gone."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from app import clock, db
from app.accounts.models import SlipBatch
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import N_, say
from app.paper import pdf_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.accounts.rules.sealing import Sealer

ALREADY_SHOWN: Final = N_("Các phiếu này đã hiện một lần rồi. Hãy đặt lại mật khẩu cho người còn thiếu.")
KEPT: Final = timedelta(days=3)
SHEETS: Final = Path(__file__).parent.parent / "templates" / "accounts" / "slips.typ"


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on a slip of paper."""

    full_name: str
    username: str
    password: str
    about: str = ""
    """What tells two people of the same name apart: a class, or whose guardian somebody is."""


def add_slips(
    current: Session,
    sealer: Sealer,
    actor: Actor,
    school_id: int,
    slips: Sequence[Slip],
    *,
    run_id: int | None = None,
    title: str = "",
) -> SlipBatch:
    """Keep slips, sealed, inside a running transaction until they are shown."""
    batch = SlipBatch(
        run_id=run_id,
        title=title[:80],
        school_id=school_id,
        made_by=actor.user_id or None,
        made_at=clock.now(),
        count=len(slips),
        sealed=sealer.seal(json.dumps([astuple(slip) for slip in slips])),
    )
    current.add(batch)
    current.flush()
    return batch


def take_slips(sealer: Sealer, actor: Actor, slip_id: int) -> list[Slip]:
    """Return the slips and forget them; raise ConflictError when they were shown before or lay too long."""
    with db.transaction() as current:
        batch = current.get_one(SlipBatch, slip_id, with_for_update=True)
        slips = _opened(sealer, batch)
        batch.sealed, batch.shown_at = None, clock.now()
        record(current, actor, "slips.shown", ("school", batch.school_id), {"count": batch.count})
        return slips


def _opened(sealer: Sealer, batch: SlipBatch) -> list[Slip]:
    text = sealer.open(batch.sealed) if batch.sealed else None
    if text is None or clock.now() - batch.made_at > KEPT:
        raise ConflictError(say(ALREADY_SHOWN))
    return [Slip(*values) for values in json.loads(text)]


def peek_slips(sealer: Sealer, slip_id: int) -> list[Slip]:
    """Return slips to set on paper; only then are they taken (`take_slips`), so that a failure costs no password.

    Raises ConflictError as `take_slips` does.
    """
    return _opened(sealer, db.session().get_one(SlipBatch, slip_id))


def peek_run_slips(sealer: Sealer, actor: Actor, run_id: int) -> list[list[Slip]]:
    """Return every slip of a run that was not shown yet, a list for each class; they are taken by `take_run_slips`.

    Raises ConflictError when none is left.
    """
    return [_opened(sealer, batch) for batch in _left_of_run(db.session(), actor, run_id)]


def take_run_slips(actor: Actor, run_id: int, expected: int) -> None:
    """Forget the slips of a run that were set on paper; raise ConflictError when they are not those `expected` many."""
    with db.transaction() as current:
        batches = _left_of_run(current, actor, run_id)
        count = sum(batch.count for batch in batches)
        if count != expected:
            raise ConflictError(say(ALREADY_SHOWN))
        for batch in batches:
            batch.sealed, batch.shown_at = None, clock.now()
        record(current, actor, "slips.shown", ("school", batches[0].school_id), {"count": count})


def _left_of_run(current: Session, actor: Actor, run_id: int) -> Sequence[SlipBatch]:
    batches = current.scalars(
        select(SlipBatch)
        .where(
            SlipBatch.run_id == run_id,
            SlipBatch.sealed.is_not(None),
            SlipBatch.made_by == actor.user_id,
            SlipBatch.made_at >= clock.now() - KEPT,
        )
        .order_by(SlipBatch.id)
        .with_for_update()
    ).all()
    if not batches:
        raise ConflictError(say(ALREADY_SHOWN))
    return batches


def slips_pdf(groups: Sequence[Sequence[Slip]], school: str, address: str) -> bytes:
    """Return slips as A4 sheets, eight on each, in Vietnamese whatever the language of whoever prints them.

    Each group, such as a class, begins on a sheet of its own.
    """
    told = {
        "school": school,
        "address": address,
        "groups": [[_told(one) for one in group] for group in groups],
    }
    return pdf_of(SHEETS, told)


def _told(slip: Slip) -> dict[str, str]:
    return {
        "name": slip.full_name,
        "about": slip.about,
        "username": slip.username,
        "password": slip.password,
    }


def forget_old_slips() -> None:
    """Empty the slips that nobody printed within three days; their owners need a new first password."""
    with db.transaction() as current:
        current.execute(
            update(SlipBatch)
            .where(SlipBatch.sealed.is_not(None), SlipBatch.made_at < clock.now() - KEPT)
            .values(sealed=None)
        )
