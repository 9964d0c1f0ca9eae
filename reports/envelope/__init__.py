"""The envelope: what a slice looks like on its way, and the receipt that comes back."""
