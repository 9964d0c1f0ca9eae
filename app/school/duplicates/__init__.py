"""Two records of one pupil: finding them, looking at both, making them one, taking that back."""
