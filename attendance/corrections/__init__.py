"""Corrections after a register's window: asked for with a reason, decided by the principal."""
