"""What a feature hands to `wsgi.py`: its pages, its rows of the permission table, its facts, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import click
    from flask import Blueprint, Flask

    from app.access import Actor, Permission, Route
    from app.claims import Claim
    from app.facts import Fact, Subscriber
    from app.forgetting import Trace
    from app.jobs import JobKind, Periodic
    from app.merging import Belonging
    from app.whereabouts import Whereabouts


class NavGroup(StrEnum):
    """Where an entry stands in the menu; in this order."""

    TODAY = "today"
    LESSONS = "lessons"
    SCHOOL = "school"
    REPORTS = "reports"
    HANDING_IN = "handing_in"
    SYSTEM = "system"


NAV_GROUP_NAMES: Final = {
    NavGroup.TODAY: N_("Hôm nay"),
    NavGroup.LESSONS: N_("Dạy học"),
    NavGroup.SCHOOL: N_("Trường, lớp, học sinh"),
    NavGroup.REPORTS: N_("Báo cáo"),
    NavGroup.HANDING_IN: N_("Nộp số liệu"),
    NavGroup.SYSTEM: N_("Hệ thống"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """A menu entry, shown to those who hold `permission` somewhere. `endpoint` takes no arguments.

    `order` counts within the group. What a phone's bar shows are the first four of all. `parts` are the blueprints
    without an entry of their own that are reached from here: their pages mark this entry as where the reader is.
    """

    label: str
    endpoint: str
    icon: str
    permission: Permission
    order: int = 50
    group: NavGroup = NavGroup.SCHOOL
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A part of the home page: `build(actor)` returns the template's context, or None to show nothing."""

    template: str
    build: Callable[[Actor], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class PupilAsked:
    """Of whom a part of a pupil's page tells: the pupil, the days [first, after_last), the schools (None: all)."""

    pupil_id: int
    first: date
    after_last: date
    school_ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class PupilPart:
    """A part of a pupil's page: `build(asked)` returns the template's context `part`, or None to show nothing.

    The page has loaded the pupil for the reader; a part shows nothing of other schools than those that it is given.
    """

    template: str
    build: Callable[[PupilAsked], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class ClassAsked:
    """Of what a part of a class's page tells: the class and its school, the days [first, after_last)."""

    class_id: int
    school_id: int
    first: date
    after_last: date


@dataclass(frozen=True, slots=True)
class ClassPart:
    """A part of a class's page, as `PupilPart` is of a pupil's. The page has loaded the class for the reader."""

    template: str
    build: Callable[[ClassAsked], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class SchoolPart:
    """A part of a school's home: `build(actor, school_id)` returns the context `part`, or None to show nothing."""

    template: str
    build: Callable[[Actor, int], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class Companion:
    """A script that goes with every page of those who hold `permission` somewhere: the path of its entry."""

    entry: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, complete. `hub` says whether it is also wired when the installation is a provincial hub."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    routes: tuple[Route, ...] = ()
    nav: tuple[NavItem, ...] = ()
    home: tuple[HomeCard, ...] = ()
    pupil_parts: tuple[PupilPart, ...] = ()
    class_parts: tuple[ClassPart, ...] = ()
    school_parts: tuple[SchoolPart, ...] = ()
    companions: tuple[Companion, ...] = ()
    facts: tuple[type[Fact], ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    claims: tuple[Claim, ...] = ()
    belongings: tuple[Belonging, ...] = ()
    traces: tuple[Trace, ...] = ()
    whereabouts: tuple[Whereabouts, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    periodic: tuple[Periodic, ...] = ()
    commands: tuple[click.Command, ...] = ()
    setup: tuple[Callable[[Flask], None], ...] = ()
    csrf_exempt: tuple[str, ...] = field(default=())
    in_school: bool = True
    in_hub: bool = False
