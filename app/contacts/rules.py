"""Kinds of contact data, who may switch and see them, and how their values are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.i18n import N_
from app.text import clean_name, clean_text, title_case_name

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSONAL_ID_DIGITS: Final = 12
SHORTEST_PERSONAL_ID: Final = 10
"""Codes of provinces begin with at most two zeros, and those are what a spreadsheet loses (vietnam.md 9)."""
LONGEST_REASON: Final = 300
LONGEST_VALUE: Final = 200


class ContactField(StrEnum):
    """What may be kept about reaching a pupil's family. Off everywhere until a school switches it on."""

    PHONE = "phone"
    FATHER = "father"
    MOTHER = "mother"
    GUARDIAN = "guardian"
    ADDRESS = "address"
    PERSONAL_ID = "personal_id"


CONTACT_NAMES: Final[Mapping[ContactField, str]] = {
    ContactField.PHONE: N_("Số điện thoại liên hệ"),
    ContactField.FATHER: N_("Họ tên cha"),
    ContactField.MOTHER: N_("Họ tên mẹ"),
    ContactField.GUARDIAN: N_("Họ tên người giám hộ"),
    ContactField.ADDRESS: N_("Địa chỉ"),
    ContactField.PERSONAL_ID: N_("Số định danh cá nhân"),
}
SWITCH_CONTACTS: Final = Permission("contacts.switch", everywhere(Role.PRINCIPAL))
SEE_SWITCHES: Final = Permission("contacts.switches", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
VIEW_CONTACT: Final = Permission(
    "contacts.view", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.HOMEROOM_TEACHER)
)
VIEW_PERSONAL_ID: Final = Permission("contacts.personal_id", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a pupil's family, as far as the school keeps it. The personal id itself is read by a command."""

    values: Mapping[ContactField, str]
    has_personal_id: bool


def phone(text: str, *, lost_zero: bool = False) -> str | None:
    """Return a Vietnamese phone number of 10 or 11 digits that begins with 0, None for anything else.

    `lost_zero`: the cell was a number, or untyped, so that a zero in front may be missing.
    """
    digits = re.sub(r"[\s.\-()]", "", text)
    if match := re.fullmatch(r"(?:\+|00)?84([1-9]\d{8,9})", digits):
        digits = "0" + match[1]
    if lost_zero and re.fullmatch(r"[1-9]\d{8}", digits):
        digits = "0" + digits
    return digits if re.fullmatch(r"0[0-9]{9,10}", digits) else None


def personal_id(text: str, *, lost_zero: bool = False) -> str | None:
    """Return the 12 digits of a personal id, its lost zeros in front again, None for anything else."""
    digits = re.sub(r"[\s.]", "", text)
    if lost_zero and re.fullmatch(rf"[1-9][0-9]{{{SHORTEST_PERSONAL_ID - 1},}}", digits):
        digits = digits.zfill(PERSONAL_ID_DIGITS)
    return digits if re.fullmatch(rf"[0-9]{{{PERSONAL_ID_DIGITS}}}", digits) else None


def contact_value(field: ContactField, text: str, *, lost_zero: bool = False) -> str | None:
    """Return a value as it is kept, "" for an empty one, None for one that cannot be used."""
    cleaned = clean_text(text)
    if not cleaned or field is ContactField.ADDRESS:
        return cleaned[:LONGEST_VALUE]
    if field is ContactField.PHONE:
        return phone(cleaned, lost_zero=lost_zero)
    if field is ContactField.PERSONAL_ID:
        return personal_id(cleaned, lost_zero=lost_zero)
    name = title_case_name(clean_name(cleaned))
    return name if len(name) <= LONGEST_VALUE and any(sign.isalpha() for sign in name) else None
