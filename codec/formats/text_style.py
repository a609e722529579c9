"""How a text file spells its rows: separators, line ends, and the format of the numbers of each column.

A style is found by looking at some lines, tried on all, and stored with the lines that it does not give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from octavox.codec.cloud.columns import Array
from octavox.codec.coding.bytes import ByteReader, text, varint
from octavox.codec.errors import CorruptStreamError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

# Spellings of a number: the fewest digits that give it back, the same with whole numbers as such, so many
# digits after the point, so many in all, and with an exponent.
INTEGER, SHORTEST, PLAIN, FIXED, GENERAL, SCIENTIFIC = range(6)
_SAMPLE = 512  # lines that are looked at
_ROWS = 1 << 12  # written at once
_MOST_ODD = 0.02  # of the lines, beyond which a style is none
_MOST_SEPARATOR = 64
_MOST_NAME = 1 << 10
_DIGITS = 20


@dataclass(frozen=True)
class Spelling:
    """Of the numbers of a column. digits: after the point, or in all for GENERAL."""

    kind: int
    digits: int = 0

    def texts(self, column: Array) -> list[str]:
        """The numbers of a column (n,) as texts."""
        if self.kind == INTEGER:
            return [str(v) for v in column.tolist()]
        if self.kind in (SHORTEST, PLAIN):
            texts = column.astype(str).tolist()
            return texts if self.kind == SHORTEST else [text.removesuffix(".0") for text in texts]
        letter = {FIXED: "f", GENERAL: "g", SCIENTIFIC: "e"}[self.kind]
        form = f"%.{self.digits}{letter}"
        return [form % v for v in column.tolist()]


def _spelling(column: Array, wanted: list[str]) -> Spelling:
    """The one that gives most of the texts."""
    if column.dtype.kind in "iu":
        candidates = [Spelling(INTEGER), Spelling(FIXED, 1)]
    else:
        digits = {len(text.partition(".")[2]) for text in wanted if "e" not in text.lower()}
        some = {len(t.lstrip("-").partition("e")[0].replace(".", "").lstrip("0")) for t in wanted}
        candidates = [Spelling(SHORTEST), Spelling(PLAIN)]
        candidates += [Spelling(FIXED, d) for d in sorted(digits) if d < _DIGITS]
        candidates += [Spelling(GENERAL, d) for d in sorted({6, *some}) if 0 < d < _DIGITS]
        candidates += [
            Spelling(SCIENTIFIC, len(t.partition("e")[0].partition(".")[2])) for t in wanted[:1] if "e" in t
        ]
    best = (-1, candidates[0])
    for one in candidates:
        right = sum(a == b for a, b in zip(one.texts(column), wanted))
        if right > best[0]:
            best = right, one
    return best[1]


@dataclass(frozen=True)
class TextStyle:
    """names: of the columns. between: bytes before the first number of a line, between numbers, and after the
    last one, line end included. odd: lines that are spelled otherwise, by row."""

    names: tuple[str, ...]
    between: tuple[bytes, ...]
    spellings: tuple[Spelling, ...]
    odd: dict[int, bytes] = field(default_factory=dict)

    def lines(self, columns: list[Array]) -> list[bytes]:
        """The lines of columns, odd ones not among them."""
        words = [s.texts(c) for s, c in zip(self.spellings, columns, strict=True)]
        lead, *rest = (b.decode("latin-1") for b in self.between)
        pieces = [lead]
        for part in rest:
            pieces += ["%s", part.replace("%", "%%")]
        form = "".join([pieces[0].replace("%", "%%"), *pieces[1:]])
        return [(form % row).encode("latin-1") for row in zip(*words)]

    def rows(self, columns: list[Array], job: JobContext) -> Iterator[bytes]:
        """All lines, in pieces."""
        count = len(columns[0]) if columns else 0
        for part in job.parts(count, _ROWS):
            lines = self.lines([c[part] for c in columns])
            for row in range(part.start, part.stop):
                if row in self.odd:
                    lines[row - part.start] = self.odd[row]
            yield b"".join(lines)

    def packed(self) -> bytes:
        """As bytes, which `unpacked_style` reads."""
        out = [varint(len(self.spellings))]
        out += [text(name) for name in self.names]
        out += [varint(len(b)) + b for b in self.between]
        out += [bytes([s.kind, s.digits]) for s in self.spellings]
        out.append(varint(len(self.odd)))
        before = -1
        for row in sorted(self.odd):
            out += [varint(row - before - 1), varint(len(self.odd[row])), self.odd[row]]
            before = row
        return b"".join(out)


def unpacked_style(data: bytes, rows: int) -> TextStyle:
    """Inverse of `TextStyle.packed`. rows: how many there are. Raises CorruptStreamError."""
    reader = ByteReader(data)
    columns = reader.varint("style", reader.left, 1)
    names = tuple(reader.text("style", _MOST_NAME) for _ in range(columns))
    between = tuple(reader.take(reader.varint("style", _MOST_SEPARATOR), "style") for _ in range(columns + 1))
    spellings = tuple(Spelling(reader.u8("style"), reader.u8("style")) for _ in range(columns))
    if any(s.kind > SCIENTIFIC or s.digits >= _DIGITS for s in spellings):
        raise CorruptStreamError("a spelling that is not known", field="style")
    odd: dict[int, bytes] = {}
    row = -1
    for _ in range(reader.varint("style", rows)):
        row += reader.varint("style", rows - row - 2) + 1 if row < rows - 1 else rows
        if row >= rows:
            raise CorruptStreamError("a line beyond the last one", field="style")
        odd[row] = reader.take(reader.varint("style", reader.left), "style")
    reader.done("style")
    return TextStyle(names, between, spellings, odd)


def style_of(
    lines: Callable[[], Iterator[list[bytes]]], named: dict[str, Array], job: JobContext
) -> TextStyle | None:
    """The style of the lines of a file; None where none gives nearly all of them.

    lines: gives the lines, ends included, in lists of any length. named: (n,) columns, of n lines.
    """
    columns = list(named.values())
    count = len(columns[0]) if columns else 0
    if not count:
        return None
    first = next(lines(), [])[:_SAMPLE]
    split = [_split(line) for line in first]
    if not split or any(len(words) != 2 * len(columns) + 1 for words in split):
        return None
    between = tuple(_commonest([words[2 * k] for words in split]) for k in range(len(columns) + 1))
    texts = [[words[2 * k + 1].decode("latin-1") for words in split] for k in range(len(columns))]
    spellings = tuple(_spelling(c[: len(split)], t) for c, t in zip(columns, texts, strict=True))
    style = TextStyle(tuple(named), between, spellings)
    return style if _find_odd(style, lines(), columns, job) else None


def _split(line: bytes) -> list[bytes]:
    """What lies between numbers, and the numbers, by turns."""
    parts: list[bytes] = [b""]
    blank = True
    for k in range(len(line)):
        own = line[k : k + 1] in _BETWEEN
        if own != blank:
            parts.append(b"")
            blank = own
        parts[-1] += line[k : k + 1]
    return parts if blank else [*parts, b""]


_BETWEEN = [bytes([c]) for c in b" \t\r\n\v\f,;"]


def _commonest(values: list[bytes]) -> bytes:
    return max(set(values), key=values.count)


def _find_odd(style: TextStyle, lines: Iterator[list[bytes]], columns: list[Array], job: JobContext) -> bool:
    """Puts the lines that the style does not give into `odd`; False where they are too many."""
    count, at = len(columns[0]), 0
    for some in lines:
        job.check()
        if at + len(some) > count:
            return False
        made = style.lines([c[at : at + len(some)] for c in columns])
        style.odd.update({at + k: a for k, (a, b) in enumerate(zip(some, made)) if a != b})
        at += len(some)
        if len(style.odd) > max(_MOST_ODD * count, 4):
            return False
    return at == count


def lines_of(source: Source, start: int, stop: int) -> Iterator[list[bytes]]:
    """The lines from byte `start` to `stop`, ends included, in lists."""
    held, at = b"", start
    while at < stop:
        piece = source.read(at, min(1 << 20, stop - at))
        if not piece:
            break
        at += len(piece)
        lines = _cut(held + piece)
        held = lines.pop()
        if lines:
            yield lines
    if held:
        yield [held]


def _cut(data: bytes) -> list[bytes]:
    """Lines with their ends; the last one without, perhaps empty."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + [parts[-1]]
