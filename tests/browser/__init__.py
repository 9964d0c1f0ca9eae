"""Tests that drive the installed chromium against a real server."""
