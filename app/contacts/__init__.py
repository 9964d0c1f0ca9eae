"""Contact data of pupils: kept only where a school has asked for it, and says why."""

from app.contacts import models  # noqa: F401 - the tables must be known before the first query
