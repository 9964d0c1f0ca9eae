"""Lesson plans: questions written before a lesson, kept in versions, shared with colleagues of the school."""
