"""How sure pupils are of their answers, when the teacher wants to know."""
