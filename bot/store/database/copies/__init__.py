"""Copies of databases: to try things on, to keep."""
