"""Settings and migrations of an installation under test."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from flask_migrate import upgrade

from app import db
from config import Settings
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path


def settings_for(instance: Path, **env: str) -> Settings:
    """Return test settings of an instance folder; more variables may be given by name."""
    return Settings.from_env({"BANGXANH_ENV": "test", "INSTANCE": str(instance), **env})


def migrate(settings: Settings) -> None:
    """Bring an installation's database to the newest revision."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.db.session.remove()
        db.db.engine.dispose()
    gc.collect()
