"""Splits: the pupils of a place's parts in two groups, such as girls and boys by grade, as far as it may be told."""
