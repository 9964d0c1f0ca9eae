"""Figures: filed reports, files, saved views, months on their way to the hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from app import clock, db
from reports.bulletins.models import Bulletin, BulletinOrder
from reports.exchange.models import OutgoingSlice
from reports.explorer.models import FigureView
from reports.files.models import ReportFile
from tests.app_wide.objects.kind import Kind, numbers, school_of, somebody_else

if TYPE_CHECKING:
    from app.access import Role
    from tests.world import World


def _bulletin_order(world: World, role: Role, relation: str) -> int:
    """A wish for a report of the school in question, done."""
    with world.app.app_context(), db.transaction() as session:
        row = BulletinOrder(
            unit_id=school_of(world, role, relation),
            period="2026-09",
            with_schools=False,
            client_key=f"{role}-{relation}-order-{next(numbers)}",
            made_at=clock.now(),
            done_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _bulletin(world: World, role: Role, relation: str) -> int:
    """A filed report of the school in question."""
    order_id = _bulletin_order(world, role, relation)
    values: dict[str, object] = {
        "place_name": "Trường", "above": "", "period": "2026-09", "before": None, "year_ago": None,
        "as_of": "2026-10-05", "threshold": 10, "figures": [], "parts": [], "definitions": [], "sentences": [],
    }  # fmt: skip
    with world.app.app_context(), db.transaction() as session:
        row = Bulletin(
            unit_id=school_of(world, role, relation),
            order_id=order_id,
            period="2026-09",
            revision=next(numbers),
            content=json.dumps(values),
            sha256="0" * 64,
            paper_sha256="0" * 64,
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _report_file(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        row = ReportFile(
            client_key=f"{role}-{relation}-file-{next(numbers)}",
            made_by=owner,
            kind="attendance",
            name="chuyen-can.xlsx",
            wanted_at=clock.now(),
            mimetype="application/pdf",
            sha256="0" * 64,
            content=b"PK",
        )
        session.add(row)
        session.flush()
        return row.id


def _figure_view(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        row = FigureView(
            user_id=owner,
            client_key=f"{role}-{relation}-view-{next(numbers)}",
            name="Chuyên cần",
            query="rows=place",
            is_pinned=False,
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _slice(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = OutgoingSlice(
            dataset="attendance",
            school_id=school_of(world, role, relation),
            organisation=f"{role}-{relation}",
            period="2026-09",
            sequence=next(numbers),
            content='{"rows": []}',
            sha256="0" * 64,
            row_count=0,
            certificate="{}",
            accepted_at=clock.now(),
            state="failed",
            next_try_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


KINDS: Final[dict[str, Kind]] = {
    "order_id": Kind("school", _bulletin_order),
    "bulletin_id": Kind("school", _bulletin),
    "report_file_id": Kind("self", _report_file),
    "view_id": Kind("self", _figure_view),
    "slice_id": Kind("school", _slice),
}
