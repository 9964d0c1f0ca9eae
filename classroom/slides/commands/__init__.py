"""Writes of slides: hang a presentation on a plan.

`rendering` draws it, `filling` puts it into an empty plan, `taking` takes it out again, `sweeping` lets go of its file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.jobs import enqueue
from app.text import clean_text
from classroom.bank.models import LessonPlan
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import folder_of
from classroom.slides.rules import LONGEST_NAME, MOST_DECKS, FileState

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy.orm import Session

    from app.access import Actor

DRAW_JOB: Final = "slides.draw"


@dataclass(frozen=True, slots=True)
class Upload:
    """A presentation as it was uploaded and checked: see `rules.suffix_of`."""

    name: str
    suffix: str
    content: bytes

    @property
    def sha256(self) -> str:
        """What names the file: its content."""
        return hashlib.sha256(self.content).hexdigest()


def add_deck(actor: Actor, plan_id: int, upload: Upload, op_id: str, root: Path) -> int:
    """Hang a presentation on one's own plan and return its id there; the same `op_id` again returns the same.

    A content that was drawn before, for whomever, is not drawn again; one that was refused is tried again. Raises
    NotFoundError for somebody else's plan, InvalidError when too many hang on it.
    """
    _keep(upload, root)
    try:
        added = _added(actor, plan_id, upload, op_id)
    except IntegrityError:
        # Somebody brought the same content at the same moment: it is there now.
        added = _added(actor, plan_id, upload, op_id)
    # The nightly sweep may have let go of it between the two.
    _keep(upload, root)
    return added


def _added(actor: Actor, plan_id: int, upload: Upload, op_id: str) -> int:
    with db.transaction() as session:
        plan = session.scalar(
            select(LessonPlan)
            .where(LessonPlan.id == plan_id, LessonPlan.owner_id == actor.user_id)
            .with_for_update()
        )
        if plan is None:
            raise NotFoundError
        known = select(PlanDeck.id).where(PlanDeck.plan_id == plan.id, PlanDeck.op_id == op_id)
        if found := session.scalar(known):
            return found
        own = select(PlanDeck.number).where(PlanDeck.plan_id == plan.id)
        if len(session.scalars(own.where(PlanDeck.taken_out_at.is_(None))).all()) >= MOST_DECKS:
            raise InvalidError(say("Một kế hoạch có nhiều nhất %(most)s tệp trình chiếu.", most=MOST_DECKS))
        deck = PlanDeck(
            plan_id=plan.id,
            number=max(session.scalars(own), default=0) + 1,
            op_id=op_id,
            file_id=_file(session, actor, upload).id,
            name=clean_text(upload.name)[:LONGEST_NAME],
            user_id=actor.user_id,
            added_at=clock.now(),
        )
        session.add(deck)
        session.flush()
        return deck.id


def _keep(upload: Upload, root: Path) -> None:
    """Write the file where the job finds it; under its hash it may be written any number of times."""
    folder = folder_of(root, upload.sha256)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = folder / f"source.{upload.suffix}"
    if not source.exists():
        arriving = source.with_suffix(".part")
        arriving.write_bytes(upload.content)
        arriving.replace(source)


def _file(session: Session, actor: Actor, upload: Upload) -> SlideFile:
    """Return the row of a content, new or drawn before; what was refused is drawn again."""
    file = session.scalar(select(SlideFile).where(SlideFile.sha256 == upload.sha256).with_for_update())
    if file is not None and file.state != FileState.REFUSED:
        return file
    if file is None:
        file = SlideFile(
            sha256=upload.sha256,
            suffix=upload.suffix,
            size=len(upload.content),
            state=FileState.DRAWING,
            uploaded_at=clock.now(),
        )
        session.add(file)
        session.flush()
    file.state, file.fault = FileState.DRAWING, ""
    file.job_id = enqueue(session, DRAW_JOB, actor.user_id, {"file": file.id}).id
    return file


def copy_decks(session: Session, actor: Actor, source_id: int, made_id: int) -> None:
    """Hang on a plan that was just made all that hangs on another, under the same numbers, in a running transaction."""
    hanging = select(PlanDeck).where(PlanDeck.plan_id == source_id, PlanDeck.taken_out_at.is_(None))
    for deck in session.scalars(hanging).all():
        session.add(
            PlanDeck(
                plan_id=made_id,
                number=deck.number,
                op_id=deck.op_id,
                file_id=deck.file_id,
                name=deck.name,
                user_id=actor.user_id,
                added_at=clock.now(),
            )
        )


def hang_again(session: Session, plan_id: int, files: Collection[str]) -> None:
    """Have what was taken out of a plan hang on it again where its text names it, in a running transaction."""
    if not files:
        return
    rows = session.execute(
        select(PlanDeck, SlideFile.sha256)
        .join(SlideFile, SlideFile.id == PlanDeck.file_id)
        .where(PlanDeck.plan_id == plan_id, SlideFile.sha256.in_(files))
        .order_by(PlanDeck.taken_out_at.is_not(None), PlanDeck.number)
    )
    hanging = set[str]()
    for deck, sha256 in rows:
        if sha256 not in hanging:
            deck.taken_out_at = None
        hanging.add(sha256)
