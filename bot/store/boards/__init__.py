"""Boards: which are watched, how each was last seen, and the history of its rows."""
