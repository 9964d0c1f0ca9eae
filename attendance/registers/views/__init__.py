"""Pages of registers: the sheet of one register, and the registers of a day."""
