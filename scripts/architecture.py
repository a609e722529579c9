"""Draws how the packages of Octavox import one another, as a picture.

    python3 scripts/architecture.py                          writes docs/images/architecture.svg
    python3 scripts/architecture.py FOLDER -o PICTURE.svg    draws another checkout, an older one too

Standard library only. The imports are read from the source text, those inside functions included; imports
for type checking alone are left out. A box is a package, or a module that lies directly in codec/ or gui/.
An arrow goes from a box that imports to the box that it imports. Boxes are arranged so that arrows go down;
where imports form a circle, the arrows that have to go up are red.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from architecture_layout import Arrow, Picture, Placed, arrange

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
PARTS = ("gui", "codec", "resources")  # from top to bottom, below the entry point
ENTRIES = ("octavox", "main")  # a package now, a module in old checkouts
LARGEST_CIRCLE = 8  # boxes whose arrangements are all tried

STYLE = """
  text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328; text-anchor: middle; }
  .note { font-size: 12px; text-anchor: start; fill: #59636e; }
  .part { font-size: 15px; font-weight: 600; text-anchor: start; fill: #59636e; }
  .paper { fill: #ffffff; }
  .frame { fill: #f6f8fa; stroke: #d1d9e0; }
  .package { fill: #ddf4ff; stroke: #0969da; }
  .module { fill: #ffffff; stroke: #818b98; }
  .arrow { fill: none; stroke: #59636e; }
  .head { fill: #59636e; }
  .arrow.up { stroke: #d1242f; }
  .head.up { fill: #d1242f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note, .part { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .frame { fill: #151b23; stroke: #3d444d; }
    .package { fill: #10233f; stroke: #4493f8; }
    .module { fill: #0d1117; stroke: #656c76; }
    .arrow { stroke: #9198a1; }
    .head { fill: #9198a1; }
    .arrow.up { stroke: #f85149; }
    .head.up { fill: #f85149; }
  }
"""
NOTES = (
    "An arrow goes from what imports to what is imported. An arrow that a longer path implies is left out.",
    "Width of an arrow: 1 to 4, 5 to 19, 20 or more import statements. Red: an import that goes up.",
    "Blue: a package. Grey: a single module. An arrow to a frame: to the names that the part exports.",
)


class Graph(NamedTuple):
    """Boxes by name, True for packages; and the number of imports between two boxes.

    The name of a part ("codec") stands for what its __init__.py exports; it is no box.
    """

    boxes: dict[str, bool]
    imports: Counter[tuple[str, str]]


def read(folder: Path) -> Graph:
    """The graph of a checkout, of the layout `octavox.codec` or of the older `codec`."""
    modules = dict(_modules(folder))
    boxes = {}
    for name in modules:
        if not _is_package(name, modules):
            boxes[_box(name, modules)] = _is_package(_box(name, modules), modules)
        elif not any(other.startswith(f"{name}.") for other in modules):
            boxes[name] = True
    imports: Counter[tuple[str, str]] = Counter()
    for name, path in modules.items():
        source = _box(name, modules)
        for target in (_box(module, modules) for module in _imported(name, path, modules)):
            if source != target and not _inside(source, target):
                imports[source, target] += 1
    return Graph(boxes, imports)


def _modules(folder: Path) -> Iterator[tuple[str, Path]]:
    """(dotted name below octavox, path) of every module of the program; a package is called by its folder."""
    for part in (*PARTS, *ENTRIES):
        for path in (folder / f"{part}.py", *sorted((folder / part).rglob("*.py"))):
            if not path.is_file() or (part == "main" and (folder / "octavox").is_dir()):
                continue
            pieces = path.relative_to(folder).with_suffix("").parts
            yield ".".join(pieces[:-1] if pieces[-1] == "__init__" else pieces), path


def _box(module: str, modules: dict[str, Path]) -> str:
    """The box of a module: its package; itself, where it lies directly in a part."""
    pieces = module.split(".")
    if pieces[0] in ENTRIES:
        return pieces[0]
    if not _is_package(module, modules) and len(pieces) > 2:
        pieces = pieces[:-1]
    return ".".join(pieces)


def _is_package(name: str, modules: dict[str, Path]) -> bool:
    return name in modules and modules[name].name == "__init__.py"


def _inside(source: str, target: str) -> bool:
    """Whether one of the two is a part, and the other a box in it."""
    return any(
        part in PARTS and box.startswith(f"{part}.") for part, box in ((source, target), (target, source))
    )


def _imported(name: str, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    """The modules of the program that one module imports, once for each statement and name."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in _statements(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found = [".".join([*base, *filter(None, [node.module]), a.name]) for a in node.names]
        else:
            continue
        for dotted in found:
            target = dotted.removeprefix("octavox.")
            while target and target not in modules:
                target = target.rpartition(".")[0]
            if target:
                yield target


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below one, but for what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _statements(child)


def upward(graph: Graph) -> set[tuple[str, str]]:
    """The imports that go up when the boxes of each circle are arranged so that the fewest imports do."""
    reach = _reachable(graph.imports)
    circles = {
        tuple(sorted(other for other in reach[box] if box in reach[other]))
        for box in reach
        if box in reach[box]
    }
    return {pair for circle in sorted(circles) for pair in _against(circle, graph.imports)}


def _reachable(imports: Counter[tuple[str, str]]) -> dict[str, set[str]]:
    """What each box imports directly or through others; itself where it is part of a circle."""
    direct: dict[str, set[str]] = {}
    for source, target in imports:
        direct.setdefault(source, set()).add(target)
        direct.setdefault(target, set())
    reach = {}
    for box in direct:
        seen: set[str] = set()
        waiting = sorted(direct[box])
        while waiting:
            other = waiting.pop()
            if other not in seen:
                seen.add(other)
                waiting.extend(sorted(direct[other]))
        reach[box] = seen
    return reach


def _against(circle: tuple[str, ...], imports: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """The imports against the best order of a circle's boxes, top first."""

    def backward(order: tuple[str, ...]) -> list[tuple[str, str]]:
        return [
            (low, high) for i, high in enumerate(order) for low in order[i + 1 :] if (low, high) in imports
        ]

    def cost(order: tuple[str, ...]) -> int:
        return sum(imports[pair] for pair in backward(order))

    if len(circle) > LARGEST_CIRCLE:  # too many orders: those that import most come first
        balance = {box: sum((s == box) - (t == box) for s, t in imports) for box in circle}
        return backward(tuple(sorted(circle, key=lambda box: (-balance[box], box))))
    return backward(min(permutations(circle), key=lambda order: (cost(order), order)))


def arrows(graph: Graph) -> list[Arrow]:
    """What is drawn: the imports that no longer path implies, and all that go up."""
    against = upward(graph)
    down = Counter({pair: count for pair, count in graph.imports.items() if pair not in against})
    reach = _reachable(down)
    direct = {pair for pair in down if not any(pair[1] in reach[m] for s, m in down if s == pair[0])}
    return [
        Arrow(source, target, graph.imports[source, target], (source, target) in against)
        for source, target in sorted(direct | against)
    ]


def draw(graph: Graph) -> str:
    """The picture as SVG text; the same graph gives the same bytes."""
    picture = arrange(graph.boxes, arrows(graph), PARTS)
    height = picture.height + 20 * len(NOTES) + 12
    size = f'width="{picture.width:.0f}" height="{height:.0f}" viewBox="0 0 {picture.width:.0f} {height:.0f}"'
    notes = [
        f'<text class="note" x="24" y="{picture.height + 20 * i + 12:.0f}">{note}</text>'
        for i, note in enumerate(NOTES)
    ]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>The packages of Octavox and what they import</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{picture.width:.0f}" height="{height:.0f}"/>',
        *_frames(picture),
        *(line for path in picture.paths for line in (path.line(), path.head())),
        *(_drawn(box, graph.boxes[box.name]) for box in picture.boxes),
        *notes,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _frames(picture: Picture) -> Iterator[str]:
    for frame in picture.frames:
        yield (
            f'<rect class="frame" x="{frame.left:.1f}" y="{frame.top:.1f}" width="{frame.width:.1f}" '
            f'height="{frame.height:.1f}" rx="8"/>'
        )
        yield f'<text class="part" x="{frame.left + 12:.1f}" y="{frame.top + 22:.1f}">{frame.name}</text>'


def _drawn(box: Placed, is_package: bool) -> str:
    kind, x, y = "package" if is_package else "module", box.left + box.width / 2, box.top + box.height / 2
    return (
        f'<rect class="{kind}" x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5"/><text x="{x:.1f}" y="{y + 4.5:.1f}">{box.label}</text>'
    )


def main() -> int:
    """Draws the picture and says what is in it; the exit status."""
    parser = argparse.ArgumentParser(description="Draw what the packages of Octavox import.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="a checkout (default: this one)")
    parser.add_argument("-o", "--output", type=Path, default=PICTURE, help="the SVG file to write")
    options = parser.parse_args()
    graph = read(options.folder)
    if not graph.boxes:
        print(f"{options.folder}: no checkout of Octavox", file=sys.stderr)
        return 2
    options.output.write_text(draw(graph), encoding="utf-8")
    print(
        f"{options.output}: {len(graph.boxes)} boxes, {len(graph.imports)} pairs that import, "
        f"{len(upward(graph))} of them upwards"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
