"""Small tables for notebooks (`_repr_html_`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(title: str, rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """A table with a caption. Every text is escaped; control characters and lone surrogates become "?"."""
    lines = [_row(head, "th")] if head else []
    lines += [_row(cells, "td") for cells in rows]
    return f"<table><caption>{_text(title)}</caption>{''.join(lines)}</table>"


def _row(cells: Sequence[object], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in cells)}</tr>"


def _text(value: object) -> str:
    text = str(value)
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return escape(plain if len(plain) <= 200 else plain[:199] + "…")
