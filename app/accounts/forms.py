"""The shape of what people type about their account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.rules import MAX_PASSWORD_LENGTH


class SignInForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """User name and password."""

    username = StringField(
        _("Tên đăng nhập"),
        [InputRequired(_("Hãy nhập tên đăng nhập.")), Length(max=64)],
        render_kw={
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        },
    )
    password = PasswordField(
        _("Mật khẩu"),
        [InputRequired(_("Hãy nhập mật khẩu.")), Length(max=MAX_PASSWORD_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    submit = SubmitField(_("Đăng nhập"))


class PasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """The old password once, the new one once: browsers and people both manage that better than twice."""

    current = PasswordField(
        _("Mật khẩu hiện nay"),
        [InputRequired(_("Hãy nhập mật khẩu hiện nay."))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _("Mật khẩu mới"),
        [InputRequired(_("Hãy nhập mật khẩu mới."))],
        render_kw={"autocomplete": "new-password"},
    )
    submit_password = SubmitField(_("Đổi mật khẩu"))


class CodeForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A code of the authenticator app, or a recovery code."""

    code = StringField(
        _("Mã xác thực"),
        [InputRequired(_("Hãy nhập mã 6 chữ số trong ứng dụng xác thực.")), Length(max=32)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        },
    )
    next = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """The password that replaces the one from the slip."""

    new = PasswordField(
        _("Mật khẩu mới"),
        [InputRequired(_("Hãy nhập mật khẩu mới.")), Length(max=MAX_PASSWORD_LENGTH)],
        render_kw={"autocomplete": "new-password", "autofocus": True},
    )
    next = HiddenField()


class ConfirmPasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """One's own password, before the second factor changes."""

    password = PasswordField(
        _("Mật khẩu hiện nay"),
        [InputRequired(_("Hãy nhập mật khẩu hiện nay.")), Length(max=MAX_PASSWORD_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )


class AccountForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A new account of a school, with its first role."""

    full_name = StringField(
        _("Họ và tên"),
        [InputRequired(_("Hãy nhập họ và tên.")), Length(max=120)],
        render_kw={"autocomplete": "off"},
    )
    username = StringField(
        _("Tên đăng nhập"),
        [Length(max=64)],
        description=_("Bỏ trống: tạo từ họ tên, như nguyen.van.an."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    role = SelectField(_("Vai trò"), validators=[InputRequired()])
    class_id = SelectField(_("Lớp"), description=_("Chỉ cần cho vai trò giáo viên; có thể phân công sau."))


class GrantForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A role to give to a person at a school."""

    role = SelectField(_("Vai trò"), validators=[InputRequired()])
    school = SelectField(_("Trường"), validators=[InputRequired()])
    class_id = SelectField(_("Lớp"))
    starts_on = DateField(_("Từ ngày"), [InputRequired(_("Hãy chọn ngày."))])
    last_day = DateField(
        _("Đến hết ngày"), [Optional()], description=_("Bỏ trống: đến khi có người kết thúc.")
    )
    reason = StringField(
        _("Lý do"),
        [InputRequired(_("Hãy ghi lý do, ví dụ số quyết định hoặc “dạy thay cô Hường”.")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class EndGrantForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """From which day on a grant no longer holds, and why."""

    ends_on = DateField(_("Không còn quyền từ ngày"), [InputRequired(_("Hãy chọn ngày."))])
    reason = StringField(_("Lý do"), [InputRequired(_("Hãy ghi lý do.")), Length(max=200)])
