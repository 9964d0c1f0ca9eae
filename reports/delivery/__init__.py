"""Delivery: talking to the hub, and nothing else."""
