"""Contact data as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from app.access import Route
from app.contacts.commands import ContactSwitchedOff
from app.contacts.models import PupilContact
from app.contacts.rules import SEE_SWITCHES, SWITCH_CONTACTS
from app.contacts.views import bp
from app.forgetting import rows_gone
from app.i18n import N_
from app.merging import rows_of
from app.wiring import Feature, NavGroup, NavItem

CONTACTS = Feature(
    name="contacts",
    blueprints=(bp,),
    routes=(
        Route("contacts.schools", SEE_SWITCHES),
        Route("contacts.index", SEE_SWITCHES, target="school_id"),
        Route("contacts.switch_on", SWITCH_CONTACTS, target="school_id", methods=("POST",)),
        Route("contacts.switch_off", SWITCH_CONTACTS, target="school_id", methods=("POST",)),
    ),
    nav=(
        NavItem(
            N_("Dữ liệu liên hệ"),
            "contacts.schools",
            "lock",
            SWITCH_CONTACTS,
            order=63,
            group=NavGroup.SYSTEM,
        ),
    ),
    facts=(ContactSwitchedOff,),
    traces=(rows_gone(PupilContact, N_("Thông tin liên hệ")),),
    belongings=(rows_of(PupilContact, N_("Thông tin liên hệ"), unique=("school_id", "field")),),
)
