"""Catalogue: the pages on which indicators explain themselves, and are taken out."""
