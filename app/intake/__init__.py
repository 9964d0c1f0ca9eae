"""Rosters in: read -> compare -> confirm -> apply."""
