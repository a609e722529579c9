"""Writes docs/options.md from the registries: `make tables`."""

from __future__ import annotations

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
HEAD = """# Codecs, formats and options

`make tables` writes this page from the registries: `codec/codecs/registry.py`,
`codec/formats/registry.py` and `codec/options.py`.
"""


def reference() -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            HEAD,
            *_section("Codecs", ("name", "id", "what it is", "network", "options of its own"), _codecs()),
            *_section("Attribute coders", ("name", "id", "what it is"), _attribute_coders()),
            *_section("Formats", ("format", "endings", "sampled for a first view"), _formats()),
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
        yield known.name, _code(known.suffixes), "yes" if known.sample else "no"


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
    PAGE.write_text(reference(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
