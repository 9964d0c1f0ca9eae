"""Forms of photographs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.photos.rules import LONGEST_REASON, MOST_BYTES


class SwitchForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Why photographs are kept from now on."""

    reason = StringField(
        _("Lý do"),
        description=_("Ví dụ: giáo viên bộ môn và giáo viên dạy thay cần nhận ra học sinh khi điểm danh"),
        validators=[DataRequired(_("Hãy ghi lý do cần giữ ảnh học sinh.")), Length(max=LONGEST_REASON)],
    )


class PhotoForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A photograph."""

    photo = FileField(_("Ảnh"))

    @property
    def content(self) -> bytes:
        """What came, read up to a byte more than may be; nothing when no file was chosen."""
        if not self.photo.data:
            return b""
        with self.photo.data.stream as stream:
            content: bytes = stream.read(MOST_BYTES + 1)
        return content
