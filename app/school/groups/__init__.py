"""Teaching groups: pupils of several classes who learn a subject together."""
