"""OneRoster over HTTP: the service that programs read (`rostering`), their tokens, and the school's page about it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("oneroster", __name__, template_folder="../templates")
service_bp = Blueprint("rostering", __name__)
"""What programs ask; every answer but a token's is in the standard's own form."""
