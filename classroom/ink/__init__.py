"""Ink: what a teacher draws over a slide in a lesson, as strokes that can be undone and are seen again afterwards."""
