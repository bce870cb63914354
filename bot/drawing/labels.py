"""Names at the ends of lines: none over another, and as near to its line as there is room."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float | None]:
    """Return where names go that would stand at ``wanted``, at least ``gap`` apart.

    What has no room between ``low`` and ``high`` has no place; the first keep theirs.
    """
    room = max(int((high - low) / gap) + 1, 0)
    order = sorted(range(len(wanted))[:room], key=lambda number: wanted[number])
    places: list[float] = []
    for number in order:
        least = places[-1] + gap if places else low
        places.append(max(wanted[number], least))
    most = high
    for index in reversed(range(len(places))):
        places[index] = min(places[index], most)
        most = places[index] - gap
    found: list[float | None] = [None] * len(wanted)
    for number, place in zip(order, places, strict=True):
        found[number] = place
    return found
