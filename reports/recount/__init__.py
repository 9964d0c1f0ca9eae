"""The recount: the cube computed a second time, by another way, to be compared with the first."""
