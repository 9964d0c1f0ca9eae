"""Command line of the kernel: the worker, and the permission table as data."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from huey.consumer import Consumer

from app import facts, jobs, realtime
from app.access import Gate, Permission, Reach, Role
from app.attempts import write_log_lines
from app.schema.cli import refuse_old_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.http import Door

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0
RESCUE_SECONDS = 15.0


def kernel_commands() -> tuple[click.Command, ...]:
    """Return the commands that belong to no slice."""
    return (worker, access_cli)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Do the jobs, the periodic tasks and what a crash left behind, until SIGTERM."""
    write_log_lines()
    refuse_old_tables()
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's documented way
    name, queue = jobs.worker_name(), jobs.current_jobs()
    stop = threading.Event()
    queue.beat(name)
    own = (
        jobs.Periodic("beat", BEAT_SECONDS, lambda: queue.beat(name)),
        jobs.Periodic("rescue", RESCUE_SECONDS, _rescue),
    )
    jobs.run_periodically(app, (*own, *app.extensions["bangxanh.periodic"]), stop)
    dispatcher: facts.Dispatcher = app.extensions["bangxanh.dispatcher"]

    def in_context(work: Callable[[], int]) -> int:
        with app.app_context():
            return work()

    threading.Thread(target=dispatcher.run, args=(stop, in_context), name="facts", daemon=True).start()
    click.echo(f"worker {name}")
    consumer = Consumer(  # SIGTERM lets the running jobs end first
        queue.huey,
        workers=2,
        initial_delay=0.05,
        max_delay=0.5,
        check_worker_health=True,
        graceful_signal="TERM",
    )
    try:
        consumer.run()
    finally:
        stop.set()


def _rescue() -> None:
    if left := jobs.requeue_left_behind():
        log.warning("%s job(s) that a crash left behind are queued again", left)


@click.group("access")
def access_cli() -> None:
    """Vai trò và quyền."""


@access_cli.command("matrix")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON.")
@with_appcontext
def matrix(*, as_json: bool) -> None:
    """Print the permission table: every route and event, the permission it needs, and each role's reach."""
    rows = permission_rows(current_app.extensions["bangxanh.door"])
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(
            f"{row['kind']:5} {row['name']:45} {row['method']:6} {row['permission']:24} {row['roles']}"
        )


RELATIONS = {Reach.UNIT: ("own", "other_class"), Reach.CLASS: ("own",), Reach.SELF: ("own",)}


def permission_rows(door: Door) -> list[dict[str, object]]:
    """Return the table as plain rows, routes first, then socket events."""
    rows = [
        _row("route", endpoint, method, route.permission, route.target)
        for (endpoint, method), route in sorted(door.routes.items())
    ]
    rows += [
        _row("event", name, "EVENT", event.permission, event.target)
        for name, event in sorted(realtime.EVENTS.items())
    ]
    return rows


def _row(kind: str, name: str, method: str, permission: Permission, target: str | None) -> dict[str, object]:
    return {
        "kind": kind,
        "name": name,
        "method": method,
        "permission": permission.name,
        "gate": permission.gate.value,
        "target": target,
        "roles": {role.value: permission.reach[role].value for role in Role if role in permission.reach},
        "answers": {role.value: _answers(permission, role, target) for role in Role},
    }


def _answers(permission: Permission, role: Role, target: str | None) -> dict[str, bool]:
    """Return, for {own, other class, other school, absent}, whether a role granted at its own place gets in."""
    relations = ("own", "other_class", "other_school", "absent")
    if permission.gate in {Gate.PUBLIC, Gate.SIGNED_IN}:
        return dict.fromkeys(relations, True) if target is None else {r: r == "own" for r in relations}
    if permission.gate is Gate.CAPABILITY:
        return dict.fromkeys(relations, False)
    reach = permission.reach.get(role)
    if reach is None:
        return dict.fromkeys(relations, False)
    if target is None:
        return dict.fromkeys(relations, True)
    return {relation: relation in RELATIONS[reach] for relation in relations}
