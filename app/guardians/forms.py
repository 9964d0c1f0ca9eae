"""Forms of guardians."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from app.guardians.rules import LONGEST_NAME


class GuardianForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A guardian: who, and how to reach them where the school keeps that."""

    relationship = SelectField(_("Quan hệ với học sinh"), validators=[DataRequired(_("Chọn quan hệ."))])
    full_name = StringField(
        _("Họ và tên"), validators=[DataRequired(_("Nhập họ và tên.")), Length(max=LONGEST_NAME)]
    )
    phone = StringField(_("Số điện thoại"), validators=[Length(max=20)])
    client_key = HiddenField(validators=[Length(max=64), Regexp(r"[A-Za-z0-9_-]*\Z")])
    seen = HiddenField(validators=[Regexp(r"\d{0,9}\Z")])


class AccountForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """An account of the school that is this guardian's."""

    username = StringField(
        _("Tên đăng nhập đã có"),
        description=_("Ví dụ: phụ huynh có con khác ở trường, hoặc thầy cô có con học ở trường."),
        validators=[DataRequired(_("Nhập tên đăng nhập.")), Length(max=64)],
    )
