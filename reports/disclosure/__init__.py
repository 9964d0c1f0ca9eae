"""The protection of figures that leave: what is withheld, and why nobody can subtract it back."""
