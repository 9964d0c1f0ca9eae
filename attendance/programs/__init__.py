"""Programs that read registers and write marks over REST (`/api/v1/registers`)."""
