"""Requests to be excused: asked, approved or rejected, withdrawn. An excuse covers marks; it never overwrites one."""
