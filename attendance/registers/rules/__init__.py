"""Pure rules of registers: marks and their merging, what is due, states, the chain of events."""
