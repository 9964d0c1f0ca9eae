"""The desk of tests/attendance/registers, for all slices of attendance."""

from __future__ import annotations

from tests.attendance.registers.conftest import desk

__all__ = ("desk",)
