"""Forms of the steps of enrolment. `client_key` is made with the page, so that sending twice is one step."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.school.enrolment.rules import LONGEST_NOTE, REASON_NAMES, Coming


class StepForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """What every step has: its day, a note."""

    day = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    note = StringField(_("Ghi chú"), validators=[Length(max=LONGEST_NOTE)])
    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])


class ClassForm(StepForm):
    """A step into a class: a move within the school, a return, an arrival from another school."""

    class_id = SelectField(_("Vào lớp"), coerce=int, validators=[DataRequired(_("Chọn lớp."))])


class TransferForm(StepForm):
    """To a school of this installation, or to a place in words."""

    to_school_id = SelectField(_("Trường chuyển đến"), coerce=int, validators=[Optional()])
    destination = StringField(
        _("Trường ngoài hệ thống"),
        description=_("Ghi tên trường và tỉnh, thành phố khi trường không có trong danh sách trên."),
        validators=[Length(max=LONGEST_NOTE)],
    )


class LeaveForm(StepForm):
    """A pupil who stops learning, with the ministry's reason."""

    reason = SelectField(
        _("Lý do thôi học"),
        choices=[SelectChoice(key.value, _(name)) for key, name in REASON_NAMES.items()],
    )


class CorrectForm(StepForm):
    """A day that was entered wrong, and the right one."""

    wrong_day = SelectField(_("Ngày ghi sai"))


class EnrolForm(StepForm):
    """A pupil who is enrolled by hand."""

    full_name = StringField(_("Họ và tên"), validators=[DataRequired(_("Nhập họ và tên.")), Length(max=120)])
    birth_date = DateField(_("Ngày sinh"), validators=[DataRequired(_("Nhập ngày sinh."))])
    sex = RadioField(
        _("Giới tính"),
        choices=[SelectChoice("F", _("Nữ")), SelectChoice("M", _("Nam"))],
        validators=[DataRequired(_("Chọn giới tính."))],
    )
    ministry_code = StringField(
        _("Mã định danh Bộ GD&ĐT"),
        description=_("10 chữ số; để trống khi chưa được cấp, bổ sung sau."),
        validators=[Optional(), Regexp(r"\d{10}\Z", message=_("Mã định danh gồm đúng 10 chữ số."))],
        filters=[lambda value: value.strip() if value else value],
    )
    class_id = SelectField(_("Vào lớp"), coerce=int, validators=[DataRequired(_("Chọn lớp."))])
    how = RadioField(
        _("Em vào trường vì"),
        choices=[
            SelectChoice(Coming.NEW.value, _("Tuyển mới")),
            SelectChoice(Coming.ARRIVED.value, _("Chuyển đến từ trường khác")),
            SelectChoice(Coming.RETURNED.value, _("Nghỉ học xin học lại")),
        ],
        default=Coming.NEW.value,
    )
    is_another = BooleanField(_("Đây là một em khác, trùng họ tên và ngày sinh với em đã có"))
