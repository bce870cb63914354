"""Why Apprise takes no address, by what it tells of its services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.core.names.suggest import hint

MOST_FORMS = 2
LONGEST_SCHEMA = 20
"""What is longer is no service's, and may be a secret in the wrong place."""


def why_not(url: str) -> str:
    """Say why no service takes an address, without showing it; Apprise is loaded already."""
    import apprise

    schema, is_address, _ = url.casefold().partition("://")
    services: Iterable[Any] = apprise.Apprise().details(show_requirements=True, show_disabled=True)[
        "schemas"
    ]
    by_schema = {one: service for service in services for one in _schemas(service)}
    service = by_schema.get(schema)
    if service is None:
        if not is_address or len(schema) > LONGEST_SCHEMA:
            return "is no address that Apprise knows"
        return f"{schema}:// begins no address that Apprise knows{hint(schema, by_schema)}"
    name = service["service_name"]
    if not service["enabled"]:
        return f"{name} {_needs(service['requirements'])}"
    forms = [form.replace("{schema}", schema) for form in service["details"]["templates"]]
    return f"is no address of {name}; its form is {' or '.join(forms[:MOST_FORMS])}"


def _schemas(service: Mapping[str, Any]) -> list[str]:
    return [*(service["protocols"] or ()), *(service["secure_protocols"] or ())]


def _needs(requirements: Mapping[str, Any]) -> str:
    """Say what a service lacks here: packages, or another system."""
    packages = requirements["packages_required"]
    if not packages:
        return f"cannot be used on this machine: {requirements['details']}"
    names = [package.partition(" ")[0] for package in packages]
    many = "packages" if len(names) > 1 else "package"
    return f"needs the {many} {', '.join(packages)}; install with: pip install {' '.join(names)}"
