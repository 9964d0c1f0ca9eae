"""Registers on a device without a network: what it keeps ahead, the worker that answers in the server's place."""
