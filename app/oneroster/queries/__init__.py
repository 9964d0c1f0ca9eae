"""Reading for OneRoster: what earlier sourcedIds meant, what other systems may see, and who they are."""
