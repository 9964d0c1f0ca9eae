"""The demonstration's commands; only `wsgi.py` imports this."""

from __future__ import annotations

from app.wiring import Feature
from demo.cli import demo_cli

FEATURES = (Feature(name="demo", commands=(demo_cli,), in_hub=True),)
