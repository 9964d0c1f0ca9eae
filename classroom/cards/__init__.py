"""Pupils' cards, printed by the office: the code that confirms a name when joining a lesson."""
