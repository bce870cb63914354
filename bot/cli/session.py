"""What the options before the command said, and the settings that they lead to."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.config import Examined, Settings

QUIET = "warning"
TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Where huggingface_hub looks for a token when the configuration has none."""


class Session:
    """One run of the program: its configuration file and how it logs."""

    def __init__(self) -> None:
        self.config: Path | None = None
        self.log_level: str | None = None
        self.log_format = "text"
        self.read: Examined | None = None
        self.loaded: Settings | None = None
        self._secrets: set[str] = set()

    @property
    def debugging(self) -> bool:
        """Whether every detail was asked for."""
        return self.log_level == "debug"

    def set_up_log(self, level: str = QUIET, secrets: Iterable[str] = ()) -> None:
        """Log from ``level`` on where the command line names none."""
        from bot import log

        log.set_up(self.log_level or level, self.log_format, secrets)

    def settings(self, level: str = QUIET) -> Settings:
        """Load the configuration, and keep its secrets out of the logs from here on.

        Raises:
            ConfigError: with every problem of the configuration.
        """
        self.read = self.examined(level)
        settings = self.read.settings
        # A file that was found is the one to load again: without it, the default is no successor.
        self.config = self.config or settings.source
        self.loaded = settings
        return settings

    def other(self, path: Path) -> Settings:
        """Load another configuration, to be looked at only; its secrets are kept out of logs, too.

        Raises:
            ConfigError: with every problem of it.
        """
        from bot.config import load

        found = load(path, os.environ)
        self._secrets |= {*found.secrets()}
        self.set_up_log(QUIET, self._secrets)
        return found

    def examined(self, level: str = QUIET) -> Examined:
        """Load the configuration with its problems, as ``settings`` does without them.

        Raises:
            ConfigError: there is no such file, or it is no TOML.
        """
        from bot.config import examine

        found = examine(self.config, os.environ)
        # Those of an earlier configuration, too: it may stay in use.
        tokens = (os.environ.get(name, "") for name in TOKENS)
        self._secrets |= {*found.usable.secrets(), *tokens}
        self.set_up_log(level, self._secrets)
        return found

    @contextmanager
    def listed_later(self, name: str) -> Iterator[None]:
        """Keep a logger's warnings from people who asked for no log: the command lists them."""
        logger = logging.getLogger(name)
        before = logger.level
        if self.log_level is None and self.log_format == "text":
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(before)
