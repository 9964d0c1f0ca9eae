"""The shape of what people type about their account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

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
