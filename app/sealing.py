"""Sealers under the installation's own key, for commands and queries, which know nothing of Flask."""

from __future__ import annotations

from flask import current_app

from app.accounts.rules.sealing import Sealer


def sealer_for(purpose: str) -> Sealer:
    """Return the sealer of a purpose; what one purpose sealed, another cannot open."""
    return Sealer(current_app.config["SECRET_KEY"], purpose)
