"""Brings resources/translations up to date: adds new texts to the .ts files and compiles the .qm files.

    python scripts/translations.py           after texts of the window changed
    python scripts/translations.py --check   only report missing translations; exit status 1 if there are any

A .ts file is the XML of Qt Linguist; translators edit it by hand or with that program. Texts that left the
window are dropped. The compiler, lrelease, comes with PySide6.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from octavox.codec import LEVELS, codec_infos, option_specs
from octavox.gui.app.panels import PANELS
from octavox.gui.base.i18n import CONTEXT, LANGUAGES
from octavox.gui.commands.registry import MENUS, all_specs
from octavox.gui.commands.view import UNDO_NAMES
from octavox.gui.document.batch_results import RESULT_COLUMNS, RESULT_STATES
from octavox.gui.document.blocks import COLUMNS, COMPONENT, SURPRISES, TITLES, column_of
from octavox.gui.document.byte_map import BETWEEN
from octavox.gui.document.colour_modes import BLOCK_MODES, CLOUD_MODES, DIFFERENCES
from octavox.gui.document.job_state import STAGES
from octavox.gui.document.property_colours import MAP_NAMES
from octavox.gui.document.queue import CANCELLED, DONE, FAILED, RUNNING, WAITING
from octavox.gui.document.rates import RATE_COLUMNS
from octavox.gui.document.tour import STEPS
from octavox.gui.widgets.dialogs import MOUSE

FOLDER = ROOT / "resources" / "translations"
WRAPPERS = {"tr", "told", "label"}  # functions whose first argument, a literal text, is shown
# Texts that reach `tr` through data that no rule below finds.
ELSEWHERE = (
    "Decoded cloud",
    "Open recent",
    "Depth",
    "Device",
    "Processors",
    "from",
    "to",
    "this cloud has no colours",
    "no bitstream with guessed levels has been decoded",
    "none is a guess",
    "there is no coarser level to show",
    "all levels are shown",
    "Show levels",
    "Rate and distortion",
    "Certificate of loss",
    "units",
    "header",
    "tree",
    "Video",
    "Compress",
    "Effort",
    "Slices",
    "Export",
    "Rates",
    "Decompress",
    "Compare",
    # Bits by kind, as the library names them.
    "Occupancy",
    "Flags",
    "Header",
    "Section table",
    "Checksums",
    "Termination",
    "Duplicates",
    "Strays",
    "Chunks",
    "counts",
    "strays",
    "table",
    "index",
    "remainders",
    "order",
    "file",
    "comments",
    # Why a property is stored, whatever the user wants.
    "no point cloud is open that could be compressed",
    "a file comes back whole: keep records to leave properties out",
    "its name has a comma in it",
    # Of the comparison and the system report.
    "D1, point to point",
    "D2, point to plane",
    "Device of the network",
    "Renderer",
    "Screen",
    "System",
)
NAMED = (
    "HINT",
    "HEADS",
    "BARS",
    "_ADVICE",
    "_WRITING",
)  # constants whose texts are shown, by how their names begin
SHOWN = {"change_view": 0, "_toggle": 0}  # methods with a text to show, and which argument it is
LEGENDS = {"Legend", "legend"}
TONES = {"good", "fair", "bad"}
# Modules whose texts reach a view through data: the functions and keywords that hold them.
FACTS = ROOT / "gui" / "document" / "facts.py"
REASONS = ROOT / "gui" / "base" / "action_spec.py"


def words() -> list[str]:
    """Everything that the window may ask a translation for, in order of the alphabet."""
    found: set[str] = set(MENUS) | set(UNDO_NAMES.values()) | set(STAGES.values())
    for spec in all_specs():
        found |= {spec.text, spec.short, spec.tip, *spec.menu.split("/")}
    found |= {spec.name for spec in PANELS} | set(MAP_NAMES.values())
    for name in TITLES:
        found |= {column_of(COMPONENT + name).title, column_of(COMPONENT + name).tip}
    for column in (*COLUMNS, *SURPRISES):
        found |= {column.title, column.tip}
    for result in (*RESULT_COLUMNS, *RATE_COLUMNS):
        found |= {result.title, result.tip}
    found |= set(RESULT_STATES)
    for step in STEPS:
        found |= {step.title, step.words}
    for info in codec_infos():
        found |= {info.title, info.words}
    for option in option_specs():
        if option.window:
            found |= {option.label, option.help, *(choice.words for choice in option.choices)}
    found |= {part for row in MOUSE for part in row}
    for block_mode in BLOCK_MODES:
        found |= {block_mode.title, block_mode.tip, block_mode.unit}
    for cloud_mode in CLOUD_MODES:
        found |= {cloud_mode.title, cloud_mode.tip}
    found |= set(DIFFERENCES.values())
    found |= {WAITING, RUNNING, DONE, FAILED, CANCELLED, BETWEEN, *ELSEWHERE}
    found |= {*LEVELS, *LEVELS.values()}
    for path in (*sorted((ROOT / "gui").rglob("*.py")), ROOT / "codec" / "wording.py"):
        found |= set(_wrapped(path))
    found |= set(_facts()) | set(_reasons())
    return sorted(word for word in found - TONES if any(letter.isalpha() for letter in word))


def _wrapped(path: Path) -> Iterator[str]:
    """Texts in calls of WRAPPERS (both sides of a conditional) and in constants named like NAMED."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        name = _called(node)
        if isinstance(node, ast.Call) and name in WRAPPERS and node.args:
            yield from _texts(node.args[0])
        if isinstance(node, ast.Call) and name == "several":
            for argument in node.args[1:3]:
                yield from _texts(argument)
        if isinstance(node, ast.Call) and name in SHOWN and len(node.args) > SHOWN[name]:
            yield from _texts(node.args[SHOWN[name]])
        if isinstance(node, ast.Call) and name in LEGENDS:
            for argument in (*node.args, *(word.value for word in node.keywords if word.arg == "swatches")):
                yield from _constants(argument)
        if isinstance(node, ast.Call) and name == "ArrayColumn":
            for argument in node.args[:2]:
                yield from _texts(argument)
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id.startswith(NAMED) for t in node.targets
        ):
            yield from _constants(node.value)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield from _constants(node.value) if node.target.id.startswith(NAMED) else ()


def _called(node: ast.AST) -> str:
    """The name of the called function or method; "" where the node is no call."""
    called = node.func if isinstance(node, ast.Call) else None
    return (
        called.id
        if isinstance(called, ast.Name)
        else called.attr
        if isinstance(called, ast.Attribute)
        else ""
    )


def _constants(node: ast.AST) -> Iterator[str]:
    """All literal texts in an expression, except parts of formatted texts and keys."""
    formatted = {piece for part in ast.walk(node) if isinstance(part, ast.JoinedStr) for piece in part.values}
    if isinstance(node, ast.Dict):
        formatted |= {key for key in node.keys if key is not None}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner not in formatted:
            yield inner.value


def _texts(node: ast.AST) -> Iterator[str]:
    parts = (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)
    for part in parts:
        for inner in part.elts if isinstance(part, ast.Tuple) else (part,):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value


def _facts() -> Iterator[str]:
    """Labels and sections of facts: the first and third arguments, and the names of sections."""
    for node in ast.walk(ast.parse(FACTS.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and isinstance(node, ast.Call) and called.id in ("Fact", "_part"):
            for argument in node.args[:3]:
                yield from _texts(argument)
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value)
        if isinstance(node, ast.Assign):
            yield from _texts(node.value)


def _reasons() -> Iterator[str]:
    """The texts that the functions of reasons return, except parts of formatted texts."""
    for node in ast.walk(ast.parse(REASONS.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Return, ast.Assign)) and node.value is not None:
            whole = [n for n in ast.walk(node.value) if not isinstance(n, ast.JoinedStr)]
            pieces = [p for n in ast.walk(node.value) if isinstance(n, ast.JoinedStr) for p in n.values]
            for inner in whole:
                if inner not in pieces:
                    yield from _texts(inner)


def read(path: Path) -> dict[str, str]:
    """The translations in a .ts file by source text, without the unfinished ones."""
    if not path.exists():
        return {}
    messages = ET.parse(path).getroot().iter("message")
    pairs = ((m.findtext("source") or "", m.findtext("translation") or "") for m in messages)
    return {source: translation for source, translation in pairs if translation}


def write(path: Path, language: str, known: dict[str, str], wanted: list[str]) -> None:
    """Writes a .ts file with all `wanted` texts; those without a translation are marked as unfinished."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in wanted:
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        if source in known:
            translation.text = known[source]
        else:
            translation.set("type", "unfinished")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def missing(language: str) -> list[str]:
    """The texts without a translation."""
    known = read(FOLDER / f"octavox_{language}.ts")
    return [word for word in words() if word not in known]


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    args = parser.parse_args()
    wanted, lacking = words(), 0
    for language in LANGUAGES:
        if language == "en":
            continue
        source = FOLDER / f"octavox_{language}.ts"
        unknown = missing(language)
        lacking += len(unknown)
        print(f"{source.name}: {len(wanted)} words, {len(unknown)} without translation")
        for word in unknown:
            print(f"    {word}")
        if not args.check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            write(source, language, read(source), wanted)
            compiler = Path(sys.executable).with_name("pyside6-lrelease")
            subprocess.run([compiler, source, "-qm", source.with_suffix(".qm"), "-silent"], check=True)
    return 1 if args.check and lacking else 0


if __name__ == "__main__":
    sys.exit(main())
