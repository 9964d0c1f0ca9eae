"""Questions that pupils ask: moderated by the teacher, voted up by the class."""
