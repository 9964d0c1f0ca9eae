"""The shape of what a gate sends, and of the form that registers one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app.errors import InvalidError
from app.i18n import say
from app.payload import Size, build
from attendance.gates.rules import LONGEST_ID, MOST_SCANS, Scan, card_code, instant, own_id

ONE_SCAN: Final = "card"


class GateForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A gate to register."""

    client_key = HiddenField(validators=[InputRequired(), Length(max=64)])
    name = StringField(
        _("Tên cổng"),
        [InputRequired(_("Hãy đặt tên cho cổng.")), Length(max=80)],
        description=_("Ví dụ: Cổng chính, làn 1."),
        render_kw={"autocomplete": "off"},
    )


@dataclass(frozen=True, slots=True)
class ScanForm:
    """One scan as a gate sends it; `gate`, when it is sent, names the key that signs."""

    card: Annotated[str, Size(1, 300)]
    time: Annotated[str, Size(1, 40)]
    id: Annotated[str, Size(1, LONGEST_ID)] | None = None
    gate: Annotated[str, Size(1, LONGEST_ID)] | None = None

    def read(self, key_id: str) -> Scan | None:
        """Return the scan that is meant, None when its time is none or it names another gate."""
        at, code = instant(self.time), card_code(self.card)
        if at is None or not code or self.gate not in {None, key_id}:
            return None
        return Scan(self.id or own_id(code, at), code, at)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as far as it could be read: of each scan its id as sent, and the scan or None."""

    ids: tuple[str | None, ...]
    scans: tuple[Scan | None, ...]


def read_message(raw: object, key_id: str) -> Sent:
    """Read one scan, or the scans of a message. Raises InvalidError when it is neither, or too many.

    A scan that cannot be read is None; the others stand.
    """
    if isinstance(raw, dict) and ONE_SCAN in raw:
        return _sent([raw], key_id)
    scans = raw.get("scans") if isinstance(raw, dict) and set(raw) == {"scans"} else None
    if not isinstance(scans, list) or not 1 <= len(scans) <= MOST_SCANS:
        fault = say("Cần từ 1 đến %(most)s lần quẹt.", most=MOST_SCANS)
        raise InvalidError(fault, {"scans": fault})
    return _sent(scans, key_id)


def _sent(scans: list[object], key_id: str) -> Sent:
    read = [_scan(one, key_id) for one in scans]
    return Sent(tuple(_id_of(one) for one in scans), tuple(read))


def _scan(raw: object, key_id: str) -> Scan | None:
    try:
        return build(ScanForm, raw).read(key_id)
    except InvalidError:
        return None


def _id_of(raw: object) -> str | None:
    found = raw.get("id") if isinstance(raw, dict) else None
    return found[:LONGEST_ID] if isinstance(found, str) else None
