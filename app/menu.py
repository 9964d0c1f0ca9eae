"""What every template knows: who reads, the menu with the one entry where the reader is, and how dates are written."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import format_decimal, format_percent
from flask import g, request, url_for
from flask_babel import get_locale, gettext

from app import clock
from app.http import language, translate, translations
from app.i18n import N_
from app.wiring import NAV_GROUP_NAMES, NavGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from babel import Locale
    from flask import Flask

    from app.access import Actor
    from app.wiring import Companion, NavItem

THEME_COOKIE: Final = "bx_theme"
MOST_ALIKE: Final = 1000
MOST_REMEMBERED: Final = 20_000
"""So many written numbers are kept, some 3 MB at most."""
DEFAULT_LOCALE: Final = "vi"
THEMES: Final = ("light", "dark")


def init_app(
    app: Flask, nav: Iterable[NavItem], companions: Sequence[Companion], site: Mapping[str, Any]
) -> None:
    """Give every template of the application its context, its filters and its globals."""
    menu = tuple(sorted(nav, key=lambda item: (list(NavGroup).index(item.group), item.order)))
    app.context_processor(lambda: _template_context(menu, companions, site))
    app.add_template_filter(translate, "translated")
    app.add_template_filter(_vietnamese_date, "day")
    app.add_template_filter(clock.local, "local")
    app.add_template_filter(_weekday_and_date, "weekday")
    app.add_template_filter(_number, "numberformat")
    app.add_template_filter(_percent, "percentformat")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # of the extension that Babel adds
        gettext=lambda words: translations().ugettext(words),
        ngettext=lambda one, many, number: translations().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals.update({"asset_tags": site["asset_tags"], "asset_url": site["asset_url"]})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _template_context(
    menu: Iterable[NavItem], companions: Iterable[Companion], site: Mapping[str, Any]
) -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    return {
        "actor": actor,
        "locale": language(),
        "theme": _theme(),
        "nav": _grouped(
            _with_one_current(
                [_menu_entry(item) for item in menu if actor and actor.may_somewhere(item.permission)]
            )
        ),
        "companions": [one.entry for one in companions if actor and actor.may_somewhere(one.permission)],
        "account": [
            {
                "label": gettext("Tài khoản của tôi"),
                "url": url_for("accounts.account"),
                "icon": "user",
                "current": _is_own_account(),
            }
        ],
        "sign_out_url": url_for("accounts.sign_out"),
        "school_name": site["unit_name"](actor) if actor else None,
        "today": clock.today(),
    }


def _number(value: float | Decimal) -> str:
    """Show a number as the reader's language writes it. Most are small whole ones, which all languages write alike."""
    if isinstance(value, int) and -MOST_ALIKE < value < MOST_ALIKE:
        return str(int(value))
    return _written(value, get_locale())


@lru_cache(maxsize=MOST_REMEMBERED)
def _written(value: float | Decimal, locale: Locale | None) -> str:
    return format_decimal(value, locale=locale or DEFAULT_LOCALE)


def _percent(value: float | Decimal, pattern: str | None = None) -> str:
    """Show a share as a percentage. A page of a province has a thousand, and most of them again and again."""
    return _written_percent(value, pattern, get_locale())


@lru_cache(maxsize=MOST_REMEMBERED)
def _written_percent(value: float | Decimal, pattern: str | None, locale: Locale | None) -> str:
    return format_percent(value, pattern, locale=locale or DEFAULT_LOCALE)


def _vietnamese_date(day: date | datetime | None) -> str:
    """Show a date as dd/mm/yyyy, an instant as dd/mm/yyyy hh:mm by the school's clock."""
    if isinstance(day, datetime):
        return clock.local(day).strftime("%d/%m/%Y %H:%M")
    return day.strftime("%d/%m/%Y") if day else ""


def _weekday_and_date(moment: date) -> str:
    """Show a day as "Thứ Hai, 23/11/2026", in the reader's language."""
    names = (
        N_("Thứ Hai"),
        N_("Thứ Ba"),
        N_("Thứ Tư"),
        N_("Thứ Năm"),
        N_("Thứ Sáu"),
        N_("Thứ Bảy"),
        N_("Chủ nhật"),
    )
    return f"{translate(names[moment.weekday()])}, {moment:%d/%m/%Y}"


def _theme() -> str | None:
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def _menu_entry(item: NavItem) -> dict[str, object]:
    address = url_for(item.endpoint)
    is_here = request.path == address or (address != "/" and request.path.startswith(address + "/"))
    is_exactly_here = request.path == address
    is_same_part = request.blueprint in {item.endpoint.split(".", 1)[0], *item.parts}
    return {
        "label": gettext(item.label),
        "group": item.group,
        "url": address,
        "icon": item.icon,
        "current": False,
        "fits": 3 * is_exactly_here + 2 * is_same_part + is_here,
    }


def _with_one_current(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Mark the one entry where the reader is: at its address, else of its part of the product, else below its address.

    A school's pupils are at /schools/7/pupils: "Học sinh" fits better there than "Trường".
    """
    best = max(entries, key=lambda entry: int(str(entry["fits"])), default=None)
    if best is not None and best["fits"] and not _is_own_account():
        best["current"] = True
    return entries


def _is_own_account() -> bool:
    """Whether the reader is below "Tài khoản của tôi", which stands in the account menu and not among the others."""
    return f"{request.path}/".startswith(f"{url_for('accounts.account')}/")


def _grouped(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the menu in its groups: `label` (none where a heading would say nothing), `is_here`, `entries`.

    The first group needs no heading, nor does a group of one entry.
    """
    found = []
    for group, members in groupby(entries, key=lambda entry: NavGroup(str(entry["group"]))):
        own = list(members)
        has_head = group is not NavGroup.TODAY and len(own) > 1
        label = gettext(NAV_GROUP_NAMES[group]) if has_head else None
        found.append({"label": label, "is_here": any(entry["current"] for entry in own), "entries": own})
    return found
