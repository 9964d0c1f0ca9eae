"""What a feature hands to `wsgi.py`: its pages, its rows of the permission table, its facts, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click
    from flask import Blueprint, Flask

    from app.access import Actor, Permission, Route
    from app.claims import Claim
    from app.facts import Fact, Subscriber
    from app.jobs import JobKind, Periodic


@dataclass(frozen=True, slots=True)
class NavItem:
    """A menu entry, shown to those who hold `permission` somewhere. `endpoint` takes no arguments."""

    label: str
    endpoint: str
    icon: str
    permission: Permission
    order: int = 50


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A part of the home page: `build(actor)` returns the template's context, or None to show nothing."""

    template: str
    build: Callable[[Actor], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, complete. `hub` says whether it is also wired when the installation is a provincial hub."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    routes: tuple[Route, ...] = ()
    nav: tuple[NavItem, ...] = ()
    home: tuple[HomeCard, ...] = ()
    facts: tuple[type[Fact], ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    claims: tuple[Claim, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    periodic: tuple[Periodic, ...] = ()
    commands: tuple[click.Command, ...] = ()
    setup: tuple[Callable[[Flask], None], ...] = ()
    csrf_exempt: tuple[str, ...] = field(default=())
    in_school: bool = True
    in_hub: bool = False
