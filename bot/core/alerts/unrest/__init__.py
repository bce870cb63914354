"""Rows that go back and forth, and what is told of them."""
