"""The JSON Schema of the file, for editors: completion, descriptions, types."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from bot.config.tables import File

DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors of TOML know


class _Plain(GenerateJsonSchema):
    """Leaves out what the file has not: null, and titles other than the keys."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of the configuration file, with nothing to look up."""
    generated = File.model_json_schema(schema_generator=_Plain)
    definitions = generated.pop("$defs")
    plain: dict[str, Any] = _inlined(generated, definitions)
    plain["title"] = "leaderboard-bot configuration"
    return {"$schema": DIALECT, **plain}


def schema_text() -> str:
    """Return the schema as ``config.schema.json`` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """Return the schema without references: editors ignore what stands beside one."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    if "$ref" in node:
        name = node.pop("$ref").rsplit("/", 1)[1]
        node = {**definitions[name], **node}
    if node.get("type") == "object":
        node.pop("title", None)
    if node.get("default", ...) is None:
        del node["default"]
    return {key: _inlined(value, definitions) for key, value in node.items()}
