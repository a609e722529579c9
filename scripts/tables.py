"""Writes docs/options.md and docs/formats.md from the registries: `make tables`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from octavox.codec.codecs.registry import attribute_coder_infos, codec_infos
from octavox.codec.formats.registry import formats
from octavox.codec.option_spec import OptionSpec
from octavox.codec.option_table import option_applies, option_specs

PAGE = ROOT / "docs" / "options.md"
RESULTS = ROOT / "bench" / "results" / "formats.json"
FORMATS_PAGE = ROOT / "docs" / "formats.md"
HEAD = """# Codecs, formats and options

`make tables` writes this page from the registries: `codec/codecs/registry.py`,
`codec/formats/registry.py` and `codec/options.py`.
"""
FORMATS_HEAD = """# File formats

`make tables` writes this page from the registry, `codec/formats/registry.py`, and from the rules in
`scripts/tables.py`.

`read_cloud` keeps every point with every property, with the type and in the order of the file. Nothing
is converted, rounded, merged or left out: rows with NaN or infinite coordinates stay, too, until
voxelization decides about them. `write_cloud` chooses the format by the ending of the name and returns
the names of what the format cannot hold.
"""
FORMATS_RULES = """## Rules for all formats

- A file is known by its first bytes, then by its name. For a file that is no point cloud the error says
  what it seems to be.
- A path, `-` (standard input), bytes, bytearrays, memoryviews and binary file objects are read alike.
- Each file may be gzipped (`cloud.ply.gz`). Where the file inside declares its size, no more than that
  is unpacked; otherwise at most 64 times the size of the gzipped file, or 64 MB if that is more.
- Every count is held against the size of the file before memory is taken. Every error is an `InputError`
  that names the file, and the field and the line, row or byte.
- A file without points is read with a warning.
- Reading takes up to 2.6 times the memory of the arrays that come of it (measured on files of 170 to
  245 MB: 1.0 of binary PLY, 2.3 of text). For a first view, `read_sample` takes some points from all over
  the file; text only where it has nothing but points.
- Coordinates whose axes have several types become one type that holds all three exactly; writing gives
  each axis its own type again.

## What is asked, not guessed

- OBJ with faces, STL, OFF with faces and glTF with triangles are meshes: `ReadOptions(mesh="vertices")`
  takes the vertices, `ReadOptions(mesh="samples", samples=N)` draws N points evenly from the surface. A
  PLY file is a cloud without this option; with `mesh="samples"` points are drawn from its faces.
- A `.bin` file has rows of 4 floats (KITTI) or of 5 (nuScenes, `.pcd.bin`). Where size and values fit
  both, `ReadOptions(fields=("x", "y", "z", "intensity"))` says which; any other names with x, y and z
  may be given.
- `fields` also names the columns of text without a header line and of `.npy` arrays.

## Text

- White space, commas or semicolons separate values. Where it is a comma or a semicolon, just one stands
  between two values. Decimal commas are refused. The locale has no influence.
- A header line names the columns, or a comment before the first row (`# x y z intensity`, `//X Y Z R G
  B`). It must name x, y and z. Columns without names are `column_4` and so on.
- `.xyzrgb`: x y z, then red green blue as shares of 1. `.pts`: the number of points on the first line,
  then x y z, x y z intensity, x y z red green blue, or all seven.
- Lines that begin with `#` or `//` are comments, in any encoding. A byte order mark is skipped.
- Each number becomes the double nearest to it; a column of whole numbers becomes integers of 64 bits.
- PLY and PCD as text declare types. A float whose digits say more than a float holds becomes a double;
  if that happens to one coordinate, all three do.

## Writing

- PLY, PCD and raw files are little endian. `WriteOptions(ascii=True)` writes PLY and PCD as text,
  `WriteOptions(compressed=True)` PCD as binary_compressed.
- Types that PLY lacks become one that holds every number; a column of several components becomes that
  many properties, NAME_0 and so on. Positions that LAS stores as scaled integers become doubles in other
  formats, except in .npz and E57, which have scales too.
- A cloud that was read from LAS is written with the header, VLRs and EVLRs of its file. Other clouds get
  LAS 1.4 with the coarsest decimal step that holds the coordinates; where none does, x, y and z are
  named as rounded. 8-bit colours are stored as 16 bits (times 257).
- Text keeps a NaN and its sign, not its other bits; columns that lose bits are named.
"""


def formats_reference() -> str:
    """The page about file formats, as Markdown."""
    head = ("format", "read", "written", "kept", "not kept", "first view", "package")
    return "\n".join(
        [
            FORMATS_HEAD,
            *_section("Formats", head, _format_details()),
            FORMATS_RULES,
            *_section("Files read and written back", *_written_back()),
            _measured(),
            "",
        ]
    )


def _written_back() -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """Head and rows of what `bench/formats.py` found."""
    found = json.loads(RESULTS.read_text("utf-8"))
    return tuple(found["head"]), (tuple(row) for row in found["rows"])


def _measured() -> str:
    of = json.loads(RESULTS.read_text("utf-8"))["machine"]
    where = f"{of['date']}, commit {of['commit']}, {of['cores']} cores of {of['processor']}"
    return (
        f"`make bench-formats FOLDERS=...` measured this ({where},\n"
        f"Python {of['python']}; the machine had other work). Records: whether every coordinate, column,\n"
        "element and comment came back bit for bit. Bytes: whether the file did."
    )


def _format_details() -> Iterator[tuple[str, ...]]:
    for known in formats():
        package = f"{known.package}, optional: `octavox[{known.extra}]`" if known.extra else known.package
        sampled = "sampled" if known.samples else "no"
        written = _code(known.writes) or "no"
        yield (
            known.name, _code(known.suffixes), written, known.keeps, known.drops, sampled, package or "none",
        )  # fmt: skip


def reference() -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            HEAD,
            *_section("Codecs", ("name", "id", "what it is", "network", "options of its own"), _codecs()),
            *_section("Attribute coders", ("name", "id", "what it is"), _attribute_coders()),
            *_section("Formats", ("format", "endings", "written", "sampled for a first view"), _formats()),
            "[formats.md](formats.md) says what each format keeps.\n",
            *_section("Options", ("option", "values", "what it does", "subcommands", "codecs"), _options()),
        ]
    )


def _section(title: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    yield f"## {title}\n"
    if lines:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        yield from lines
    else:
        yield "None yet."
    yield ""


def _codecs() -> Iterator[tuple[str, ...]]:
    for info in codec_infos():
        yield f"`{info.name}`", str(info.id), info.words, info.network or "none", _code(info.options)


def _attribute_coders() -> Iterator[tuple[str, ...]]:
    for info in attribute_coder_infos():
        yield f"`{info.name}`", str(info.id), info.words


def _formats() -> Iterator[tuple[str, ...]]:
    for known in formats():
        yield known.name, _code(known.suffixes), _code(known.writes) or "no", "yes" if known.samples else "no"


def _options() -> Iterator[tuple[str, ...]]:
    for spec in option_specs():
        users = [info.name for info in codec_infos() if option_applies(info.name, spec)]
        codecs = "all" if len(users) == len(codec_infos()) else _code(users)
        yield f"`{spec.argument}`", _values(spec), spec.help, _code(spec.commands) or "Python alone", codecs


def _values(spec: OptionSpec) -> str:
    default = "automatic" if spec.default is None else str(spec.default)
    if spec.closed:
        return ", ".join(f"**{v}**" if v == spec.default else str(v) for v in spec.values)
    return f"**{default}**, {spec.metavar or spec.kind.__name__}"


def _code(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def main() -> int:
    """Entry of the script."""
    for page, text in ((PAGE, reference()), (FORMATS_PAGE, formats_reference())):
        page.write_text(text, encoding="utf-8")
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
