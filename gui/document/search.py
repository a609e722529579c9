"""Finds actions by a few letters of their names."""

from __future__ import annotations

from collections.abc import Sequence


def score(query: str, words: str) -> float | None:
    """How well a query fits, larger is better; None where its letters do not occur in this order.

    Whole words that begin with the query's words win over letters found here and there.
    """
    query, words = query.lower().strip(), words.lower()
    if not query:
        return 0.0
    starts = sum(any(w.startswith(q) for w in words.split()) for q in query.split())
    if starts == len(query.split()):
        return 100.0 + 10 * words.startswith(query) - 0.01 * len(words)
    place, gaps = -1, 0
    for letter in query.replace(" ", ""):
        found = words.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1
        place = found
    return 50.0 - gaps - 0.01 * len(words)


def ranked(query: str, entries: Sequence[str]) -> list[int]:
    """Places of the entries that fit, best first; equal ones keep their order."""
    found = [(score(query, words), place) for place, words in enumerate(entries)]
    return [place for value, place in sorted(found, key=lambda e: -(e[0] or 0.0)) if value is not None]
