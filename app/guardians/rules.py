"""Relationships, what of a guardian may be kept, and who may see and write it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.contacts.rules import ContactField, phone
from app.errors import InvalidError
from app.i18n import N_, say
from app.text import clean_name, title_case_name

if TYPE_CHECKING:
    from collections.abc import Collection

KEEP_GUARDIANS: Final = Permission("guardian.keep", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
LONGEST_NAME: Final = 120


class Relationship(StrEnum):
    """What somebody is to the pupil."""

    FATHER = "father"
    MOTHER = "mother"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    RELATIVE = "relative"
    GUARDIAN = "guardian"


RELATIONSHIP_NAMES: Final = {
    Relationship.FATHER: N_("Cha"),
    Relationship.MOTHER: N_("Mẹ"),
    Relationship.GRANDPARENT: N_("Ông, bà"),
    Relationship.SIBLING: N_("Anh, chị"),
    Relationship.RELATIVE: N_("Người thân khác"),
    Relationship.GUARDIAN: N_("Người giám hộ"),
}
_NAME_FIELDS: Final = {Relationship.FATHER: ContactField.FATHER, Relationship.MOTHER: ContactField.MOTHER}


def name_field(relationship: Relationship) -> ContactField:
    """Return the kind of contact data that a guardian's name is; the school must have switched it on."""
    return _NAME_FIELDS.get(relationship, ContactField.GUARDIAN)


def offered(kept: Collection[ContactField]) -> list[Relationship]:
    """Return the relationships whose names a school keeps."""
    return [one for one in Relationship if name_field(one) in kept]


@dataclass(frozen=True, slots=True)
class Details:
    """What is written about a guardian; `phone` is empty where there is none or the school keeps none."""

    relationship: Relationship
    full_name: str
    phone: str = ""


def checked(details: Details, kept: Collection[ContactField]) -> Details:
    """Return the details as they are stored; raise InvalidError on what the school does not keep or cannot be."""
    if name_field(details.relationship) not in kept:
        raise InvalidError(
            say("Trường chưa bật mục này nên không lưu được."),
            {"relationship": say("Trường chưa bật việc lưu họ tên này.")},
        )
    name = title_case_name(clean_name(details.full_name))
    if not name or len(name) > LONGEST_NAME:
        raise InvalidError(say("Hãy nhập họ và tên."), {"full_name": say("Nhập họ và tên.")})
    number = ""
    if details.phone.strip():
        if ContactField.PHONE not in kept:
            raise InvalidError(
                say("Trường chưa bật mục này nên không lưu được."),
                {"phone": say("Trường chưa bật việc lưu số điện thoại.")},
            )
        number = phone(details.phone) or ""
        if not number:
            raise InvalidError(
                say("Số điện thoại không đúng."),
                {"phone": say("Số điện thoại có 10 hoặc 11 chữ số, bắt đầu bằng 0.")},
            )
    return Details(details.relationship, name, number)
