"""What a macro wrote is remembered under everything that it shows, and under nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template_string
from flask_babel import force_locale

if TYPE_CHECKING:
    from flask import Flask


def test_the_same_values_are_written_once_and_others_anew(app: Flask) -> None:
    """Also another language, and another macro of the same name."""
    remembered = app.jinja_env.globals["remembered"]
    written: list[str] = []

    def told(name: str) -> str:
        written.append(name)
        return name

    app.jinja_env.globals["told"] = told
    page = (
        "{% macro row(name) %}<b>{{ told(name) }}</b>{{ _('Lớp') }}{% endmacro %}{{ remembered(row, name) }}"
    )
    other = "{% macro row(name) %}<i>{{ told(name) }}</i>{% endmacro %}{{ remembered(row, name) }}"
    assert callable(remembered)
    with app.test_request_context():
        first = render_template_string(page, name="Sao <Mai>")
        assert first == "<b>Sao &lt;Mai&gt;</b>Lớp"
        assert render_template_string(page, name="Sao <Mai>") == first
        assert written == ["Sao <Mai>"]
        assert render_template_string(page, name="Hoa Sen") == "<b>Hoa Sen</b>Lớp"
        assert render_template_string(other, name="Hoa Sen") == "<i>Hoa Sen</i>"
        with force_locale("en"):
            assert render_template_string(page, name="Sao <Mai>") == "<b>Sao &lt;Mai&gt;</b>Class"
        assert render_template_string(page, name="Sao <Mai>") == first
    assert len(written) == 4
