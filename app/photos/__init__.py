"""Photographs of pupils: kept only where a school has said why, small, sealed, and gone when a pupil goes."""

from app.photos import models  # noqa: F401 - the tables must be known before the first query
