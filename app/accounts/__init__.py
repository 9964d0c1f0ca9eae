"""Accounts: sign-in, sign-in sessions and devices, role grants."""
