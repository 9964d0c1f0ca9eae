"""Guardians of pupils: who they are, how they are reached where the school keeps that, which account is theirs."""

from app.guardians import models  # noqa: F401 - the tables must be known before the first query
