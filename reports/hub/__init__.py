"""The hub: slices received from senders, verified, stored and shown."""
