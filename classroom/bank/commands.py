"""Writes of lesson plans: begin, save a version, share, copy, put away, take into a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import Actor
from app.audit.commands import record
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.text import fold
from app.writer import write
from classroom.activities.commands import prepared
from classroom.bank.models import LessonPlan, PlanVersion
from classroom.bank.queries import version_now, version_numbered
from classroom.bank.rules import PlanDraft, asked, questions_of, stored_questions, without_file
from classroom.ledger.commands import locked_lesson
from classroom.slides.commands import copy_decks, hang_again

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.activities.rules import Content


def begin_plan(actor: Actor, school_id: int, draft: PlanDraft, op_id: str) -> int:
    """Store a new plan with its first version and return its id; the same `op_id` again returns the same plan."""
    with db.transaction() as session:
        known = select(LessonPlan.id).where(LessonPlan.op_id == op_id, LessonPlan.owner_id == actor.user_id)
        found = session.scalar(known)
        return found or _begun(session, actor, school_id, draft, op_id).id


def _begun(
    session: Session,
    actor: Actor,
    school_id: int,
    draft: PlanDraft,
    op_id: str,
    copied_from: int | None = None,
) -> LessonPlan:
    plan = LessonPlan(
        op_id=op_id,
        school_id=school_id,
        owner_id=actor.user_id,
        title=draft.title,
        title_fold=fold(draft.title),
        subject=draft.subject,
        version=0,
        question_count=0,
        updated_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    _add_version(session, actor, plan, draft, op_id, copied_from)
    return plan


def _add_version(  # noqa: PLR0917, RUF100 - a version and where it comes from
    session: Session,
    actor: Actor,
    plan: LessonPlan,
    draft: PlanDraft,
    op_id: str,
    copied_from: int | None = None,
) -> None:
    now = clock.now()
    plan.version += 1
    plan.title, plan.title_fold, plan.subject = draft.title, fold(draft.title), draft.subject
    plan.question_count, plan.updated_at = len(asked(draft.questions)), now
    session.add(
        PlanVersion(
            plan_id=plan.id,
            number=plan.version,
            op_id=op_id,
            title=draft.title,
            subject=draft.subject,
            questions=stored_questions(draft.questions),
            user_id=actor.user_id,
            saved_at=now,
            copied_from_id=copied_from,
        )
    )
    session.flush()
    hang_again(session, plan.id, {content.file for content in draft.questions if content.file})


def save_plan(actor: Actor, plan_id: int, draft: PlanDraft, seen_version: int, op_id: str) -> int:
    """Store a new version and return its number; what is the same as before stores nothing.

    Raises ConflictError when somebody (another window) saved since `seen_version`.
    """
    with db.transaction() as session:
        plan = locked_plan(session, actor, plan_id)
        again = select(PlanVersion.number).where(PlanVersion.plan_id == plan.id, PlanVersion.op_id == op_id)
        if number := session.scalar(again):
            return number
        if plan.version != seen_version:
            raise ConflictError(
                say(
                    "Kế hoạch này đã được lưu ở cửa sổ khác; bản ấy ở mục Các bản đã lưu. "
                    "Bấm lưu lần nữa thì bản bạn đang viết thành bản mới nhất."
                ),
                {"version": plan.version},
            )
        now = version_now(session, plan)
        if (now.title, now.subject, questions_of(now.questions)) != (
            draft.title,
            draft.subject,
            draft.questions,
        ):
            _add_version(session, actor, plan, draft, op_id)
        return plan.version


def restore_version(actor: Actor, plan_id: int, number: int, op_id: str) -> int:
    """Store an earlier version as the newest and return its number; nothing is lost."""
    with db.transaction() as session:
        plan = locked_plan(session, actor, plan_id)
        old = version_numbered(session, plan, number)
        known = select(PlanVersion.number).where(PlanVersion.plan_id == plan.id, PlanVersion.op_id == op_id)
        if number != plan.version and session.scalar(known) is None:
            draft = PlanDraft(old.title, old.subject, questions_of(old.questions))
            _add_version(session, actor, plan, draft, op_id)
        return plan.version


def share_plan(actor: Actor, plan_id: int, *, shared: bool) -> None:
    """Show a plan to the colleagues of the school, or to nobody else again; copies that were made stay."""
    with db.transaction() as session:
        plan = locked_plan(session, actor, plan_id)
        if plan.is_shared == shared:
            return
        plan.is_shared = shared
        if shared:
            record(session, actor, "plan.shared", ("plan", plan.id), {"name": plan.title})
        else:
            record(session, actor, "plan.unshared", ("plan", plan.id), {"name": plan.title})


def put_away(actor: Actor, plan_id: int, *, archived: bool) -> None:
    """Take a plan off the list, or put it back; lessons that used it keep their questions."""
    with db.transaction() as session:
        locked_plan(session, actor, plan_id).is_archived = archived


def copy_plan(actor: Actor, plan: LessonPlan, op_id: str) -> int:
    """Make one's own plan out of one that was loaded for the actor, and return its id; it is not shared."""
    plan_id = plan.id
    with db.transaction() as session:
        known = select(LessonPlan.id).where(LessonPlan.op_id == op_id, LessonPlan.owner_id == actor.user_id)
        if found := session.scalar(known):
            return found
        source = session.get_one(LessonPlan, plan_id)
        version = version_now(session, source)
        title = (
            say("%(title)s (bản sao)", title=version.title)
            if source.owner_id == actor.user_id
            else version.title
        )
        draft = PlanDraft(str(title), version.subject, questions_of(version.questions))
        made = _begun(session, actor, source.school_id, draft, op_id, version.id)
        copy_decks(session, actor, source.id, made.id)
        return made.id


def fill_empty_plan(plan_id: int, slides: tuple[Content, ...], op_id: str) -> None:
    """Make slides the content of a plan that has none yet, as its next version; any other plan stays as it is."""
    with db.transaction() as session:
        plan = session.get_one(LessonPlan, plan_id, with_for_update=True)
        now = version_now(session, plan)
        if not questions_of(now.questions):
            draft = PlanDraft(now.title, now.subject, slides)
            _add_version(session, Actor(plan.owner_id, ""), plan, draft, op_id)


def save_without(session: Session, actor: Actor, plan: LessonPlan, sha256: str, op_id: str) -> int:
    """Store a version without a file's slides and pictures, in a running transaction; return how many those were."""
    now = version_now(session, plan)
    questions = questions_of(now.questions)
    named = sum(content.file == sha256 for content in questions)
    if named:
        draft = PlanDraft(now.title, now.subject, without_file(questions, sha256))
        _add_version(session, actor, plan, draft, op_id)
    return named


def save_as_before(session: Session, actor: Actor, plan: LessonPlan, undone: str, op_id: str) -> None:
    """Store once more what a plan held before its last version, where that one's `op_id` begins with `undone`."""
    if version_now(session, plan).op_id.startswith(undone):
        old = version_numbered(session, plan, plan.version - 1)
        draft = PlanDraft(old.title, old.subject, questions_of(old.questions))
        _add_version(session, actor, plan, draft, op_id)


def take_into_lesson(lesson_id: int, plan_id: int, op_id: str) -> list[int]:
    """Prepare the questions that a plan holds now in a lesson, and return their ids; both were loaded for the actor.

    They are copies: what is done to the plan later changes nothing in the lesson.
    """

    def take(session: Session) -> list[int]:
        lesson = locked_lesson(session, lesson_id)
        version = version_now(session, session.get_one(LessonPlan, plan_id))
        lesson.plan_version_id = version.id
        return [
            prepared(session, lesson, f"{op_id[:32]}:{number}", content)
            for number, content in enumerate(questions_of(version.questions), 1)
        ]

    return write(take)


def locked_plan(session: Session, actor: Actor, plan_id: int) -> LessonPlan:
    """Return one's own plan, locked until the transaction ends; raise NotFoundError for any other."""
    plan = session.scalar(
        select(LessonPlan)
        .where(LessonPlan.id == plan_id, LessonPlan.owner_id == actor.user_id)
        .with_for_update()
    )
    if plan is None:
        raise NotFoundError
    return plan
