"""Polls of boards: one of one board, those that wait for it, and all of them at once."""
