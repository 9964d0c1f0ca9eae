"""Late arrivals at the office desk: a pupil comes in late, shows the card or says the name, and is marked late."""
