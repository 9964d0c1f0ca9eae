"""Raised hands: who asks to speak, in the order in which they did."""
