"""The properties of points as rows of a table: type, range, what each takes in the bitstream, whether it is
stored."""

from __future__ import annotations

import math
from dataclasses import dataclass

from octavox.codec import ListColumn, owner_of

from . import text
from .items import CloudItem
from .left_out import SEPARATOR, left_out
from .point_data import Property, Range, type_words
from .session import Session


@dataclass(frozen=True)
class PropertyRow:
    """mode: the point mode that colours by it; "" where there is none. bytes: of the bitstream; None while
    there is none. stored: whether compressing keeps it. fixed: why that cannot be chosen; "" where it can.
    parts: its numbers, where it has several.
    """

    name: str
    mode: str
    type: str
    range: str
    bytes: float | None
    stored: bool
    fixed: str = ""
    parts: tuple[PropertyRow, ...] = ()


def property_rows(session: Session) -> list[PropertyRow]:
    """Of the cloud that the encoder takes, else of the decoded one."""
    item = session.reference
    if item is None or item.source is None:
        return []
    found, out, cloud = session.component_bytes, left_out(session.kept, item.source), item.source
    rows = []
    for name, column in cloud.attributes.items():
        parts: tuple[PropertyRow, ...] = ()
        mode = ""
        if not isinstance(column, ListColumn):
            own = [p for p in item.properties if p.name == name]
            mode = own[0].mode if column.ndim == 1 else ""
            if column.ndim == 2:
                kind = str(column.dtype)
                parts = tuple(
                    PropertyRow(p.title, p.mode, kind, _range(item, p), None, name not in out) for p in own
                )
        words = _range(item, Property(name)) if mode else ""
        fixed = _why_fixed(session, name)
        size = found.get(owner_of(name))
        kind = type_words(cloud, name)
        rows.append(PropertyRow(name, mode, kind, words, size, name not in out, fixed, parts))
    return rows


def _why_fixed(session: Session, name: str) -> str:
    if session.original is None:
        return "no point cloud is open that could be compressed"
    if session.kept.keep == "file":
        return "a file comes back whole: keep records to leave properties out"
    return "its name has a comma in it" if SEPARATOR in name else ""


def _range(item: CloudItem, wanted: Property) -> str:
    known = item.data.ranges.get(wanted.mode) if item.data is not None else None
    return range_words(known) if known is not None else "…"


def range_words(known: Range) -> str:
    """From where to where the numbers go."""
    if known.low is None or known.high is None:
        return text.number(float("nan"))
    span = float(known.high) - float(known.low)
    low, high = (value_words(value, span) for value in (known.low, known.high))
    return low if low == high else f"{low} – {high}"


def value_words(value: int | float | bool, span: float) -> str:
    """A number with as many digits as tell it from others in a range that is `span` wide."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return text.count(value) if abs(value) < 1 << 53 else str(value)
    decimals = 4 - math.floor(math.log10(span)) if span > 0 else 6
    if 0 <= decimals <= 9 and abs(value) < 1e12:
        words = f"{value:,.{decimals}f}"
        return text.figures(words.rstrip("0").rstrip(".") if "." in words else words)
    return text.figures(f"{value:.7g}")
