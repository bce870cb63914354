"""The configuration file, read once at the edge into valid frozen values.

``load`` reads TOML (``file``), replaces ``env:`` and ``file:`` strings by what they name
(``references``), validates every table (``tables``, ``types``) and what must agree between
tables (``check``), and reports every problem at once, with its place in the file (``problems``).
Only this package knows the shape of the file.
"""

from bot.config.file import starter
from bot.config.json_schema import schema
from bot.config.loading import Examined, examine, load
from bot.config.problems.problem import KeyPath, Problem
from bot.config.settings import Settings
from bot.config.tables import Database, Health, Hub, Poll, Web

__all__ = [
    "Database",
    "Examined",
    "Health",
    "Hub",
    "KeyPath",
    "Poll",
    "Problem",
    "Settings",
    "Web",
    "examine",
    "load",
    "schema",
    "starter",
]
