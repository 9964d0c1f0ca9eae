"""Guests of a lesson: observers and visitors who answer under a nickname and are counted apart."""
