"""``python -m bot.config`` prints the JSON Schema that ``config.schema.json`` holds."""

import sys

from bot.config.json_schema import schema_text

sys.stdout.write(schema_text())
