"""The demonstration: an invented pilot ward, an invented province for measurements, and the program that shows them."""
