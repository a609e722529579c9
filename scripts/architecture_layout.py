"""Where the boxes and arrows of scripts/architecture.py lie: layers from top to bottom, few crossings.

The method is that of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system
structures", IEEE Trans. SMC, 1981): a layer for each box, stand-ins where an arrow passes a layer, an order
within each layer by the mean position of the neighbours, then coordinates that come close to that mean.
"""

from __future__ import annotations

from collections.abc import Collection
from math import fsum  # the same in every Python; `sum` is not
from typing import NamedTuple

HEIGHT = 30.0  # of a box
BETWEEN_ROWS = 46.0
BETWEEN_PARTS = 40.0
BETWEEN_BOXES = 22.0
FRAME = 26.0  # from a part's frame to its boxes
HEADING = 18.0  # for a part's name, above its boxes
MARGIN = 24.0
PASSING = 14.0  # width of the place where an arrow passes a layer
SWEEPS = 24


class Arrow(NamedTuple):
    """An import: from, to, number of statements, and whether it goes against the layers."""

    source: str
    target: str
    imports: int
    up: bool


class Placed(NamedTuple):
    """A rectangle of the picture, in pixels."""

    name: str
    label: str
    left: float
    top: float
    width: float
    height: float


class Path(NamedTuple):
    """The course of an arrow: points from its tail to its head."""

    points: list[tuple[float, float]]
    imports: int
    up: bool

    def line(self) -> str:
        """The curve as an SVG element; straight where it passes a layer."""
        points = self.points
        end = (points[-1][0], points[-1][1] + (8 if self.up else -8))  # the head covers the rest
        text = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for i, ((x0, y0), (x1, y1)) in enumerate(zip(points, [*points[1:-1], end])):
            middle = (y0 + y1) / 2
            text += (
                f"L{x1:.1f} {y1:.1f}"
                if i % 2
                else f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
            )
        width = 1.0 if self.imports < 5 else 2.0 if self.imports < 20 else 3.4
        return f'<path class="arrow{" up" * self.up}" d="{text}" stroke-width="{width}"/>'

    def head(self) -> str:
        """The arrow's head as an SVG element."""
        x, y = self.points[-1]
        back = y + (9 if self.up else -9)
        return (
            f'<path class="head{" up" * self.up}" '
            f'd="M{x:.1f} {y:.1f}L{x - 4.5:.1f} {back:.1f}L{x + 4.5:.1f} {back:.1f}Z"/>'
        )


class Picture(NamedTuple):
    """Everything with its place; width and height in pixels."""

    boxes: list[Placed]
    frames: list[Placed]
    paths: list[Path]
    width: float
    height: float


class Item(NamedTuple):
    """What takes a place in a layer: a box (then `arrow` is -1), or an arrow that passes or ends at a frame.

    name: of the box; for an arrow, the number of the layer.
    """

    name: str
    arrow: int


def arrange(boxes: dict[str, bool], arrows: list[Arrow], parts: tuple[str, ...]) -> Picture:
    """Places for all boxes and arrows: boxes of no part on top, then the parts, each in a frame."""
    downward = [(a.target, a.source) if a.up else (a.source, a.target) for a in arrows]
    rows, tops = _rows(boxes, downward, parts)
    layers, chains = _layers(rows, tops, downward)
    for sweep in range(SWEEPS):
        _order(layers, chains, down=sweep % 2 == 0)
    centres = _centres(layers, chains)
    least = min(centres[item] - _width(item) / 2 for layer in layers for item in layer)
    centres = {item: x - least + MARGIN + FRAME for item, x in centres.items()}
    width = max(centres[item] + _width(item) / 2 for layer in layers for item in layer) + FRAME + MARGIN
    heights = _heights(len(layers), tops)
    placed = {}
    for name in sorted(boxes):
        wide = _width(Item(name, -1))
        left = centres[Item(name, -1)] - wide / 2
        placed[name] = Placed(name, label(name), left, heights[rows[name]], wide, HEIGHT)
    frames = [_frame(part, heights[row], placed, width) for part, row in tops.items()]
    paths = _paths(arrows, chains, centres, heights, tops.values(), placed)
    bottom = max(box.top + box.height for box in (*placed.values(), *frames))
    return Picture(list(placed.values()), frames, paths, width, bottom + MARGIN)


def label(name: str) -> str:
    """What stands in a box: the name below its part."""
    return name.partition(".")[2] or name


def _width(item: Item) -> float:
    return PASSING if item.arrow >= 0 else 7.6 * len(label(item.name)) + 24


def _rows(
    boxes: dict[str, bool], downward: list[tuple[str, str]], parts: tuple[str, ...]
) -> tuple[dict[str, int], dict[str, int]]:
    """The layer of each box; and for each part with a frame, the layer of the frame's upper edge."""
    rows: dict[str, int] = {}
    tops: dict[str, int] = {}
    following = 0
    for part in ("", *parts):
        own = {box for box in boxes if (box.split(".")[0] if box.split(".")[0] in parts else "") == part}
        if not own:
            continue
        if own != {part} and part:
            tops[part] = following
            following += 1
        heights = _above_the_lowest(own, downward)
        most = max(heights.values())
        rows |= {box: following + most - heights[box] for box in own}
        following += most + 1
    return rows, tops


def _above_the_lowest(own: set[str], downward: list[tuple[str, str]]) -> dict[str, int]:
    """For each box the length of its longest path of arrows to another of its part; no circles allowed."""
    heights = dict.fromkeys(own, 0)
    inner = [(source, target) for source, target in downward if source in own and target in own]
    for _ in own:
        for source, target in inner:
            heights[source] = max(heights[source], heights[target] + 1)
    return heights


def _layers(
    rows: dict[str, int], tops: dict[str, int], downward: list[tuple[str, str]]
) -> tuple[list[list[Item]], list[list[Item]]]:
    """The items of each layer, in a first order, and the chain of items of each arrow from top to bottom."""
    count = max(rows.values()) + 1
    layers: list[list[Item]] = [[] for _ in range(count)]
    for box, row in sorted(rows.items()):
        layers[row].append(Item(box, -1))
    chains = []
    for number, (source, target) in enumerate(downward):
        chain = [Item(source, -1)]
        last = rows[target] if target in rows else tops[target] + 1
        for row in range(rows[source] + 1, last):
            item = Item(f"{row}", number)
            layers[row].append(item)
            chain.append(item)
        if target in rows:
            chain.append(Item(target, -1))
        chains.append(chain)
    return layers, chains


def _neighbours(chains: list[list[Item]], down: bool) -> dict[Item, list[Item]]:
    """The items above each item, or those below."""
    found: dict[Item, list[Item]] = {}
    for chain in chains:
        for high, low in zip(chain, chain[1:]):
            key, value = (low, high) if down else (high, low)
            found.setdefault(key, []).append(value)
    return found


def _order(layers: list[list[Item]], chains: list[list[Item]], down: bool) -> None:
    """One sweep over the layers, in place: each is sorted by the mean place of the neighbours."""
    neighbours = _neighbours(chains, down)
    for layer in layers if down else layers[::-1]:
        place = {item: (i + 0.5) / len(other) for other in layers for i, item in enumerate(other)}

        def mean(item: Item, place: dict[Item, float] = place) -> float:
            near = neighbours.get(item, [item])
            return fsum(place[other] for other in near) / len(near)

        layer.sort(key=mean)


def _centres(layers: list[list[Item]], chains: list[list[Item]]) -> dict[Item, float]:
    """The horizontal centre of each item: close to the mean of its neighbours, in the order of the layer."""
    centres: dict[Item, float] = {}
    for layer in layers:
        _spread(layer, dict.fromkeys(layer, 0.0), centres)
    both = [_neighbours(chains, down) for down in (True, False)]
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else layers[::-1]:
            wanted = {}
            for item in layer:
                near = [n for side in both for n in side.get(item, ())] or [item]
                wanted[item] = fsum(centres[n] for n in near) / len(near)
            _spread(layer, wanted, centres)
    return centres


def _spread(layer: list[Item], wanted: dict[Item, float], centres: dict[Item, float]) -> None:
    """Sets the centres of a layer: the sum of squared distances to `wanted` is least, and nothing overlaps.

    With the least distances subtracted this is isotonic regression; neighbours that would overlap are pooled.
    """
    offsets, offset = [], 0.0
    for i, item in enumerate(layer):
        if i:
            offset += (_width(layer[i - 1]) + _width(item)) / 2 + BETWEEN_BOXES * _gap(layer[i - 1], item)
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for item, shift in zip(layer, offsets):
        mean, count = wanted[item] - shift, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    for item, mean, shift in zip(layer, means, offsets):
        centres[item] = mean + shift


def _gap(left: Item, right: Item) -> float:
    """The share of the distance between boxes that two neighbours keep; arrows may pass closely."""
    return 1.0 if left.arrow < 0 and right.arrow < 0 else 0.35


def _heights(count: int, tops: dict[str, int]) -> list[float]:
    """The upper edge of each layer; for the layer of a frame's edge, the edge itself."""
    heights, y = [], MARGIN
    for row in range(count):
        heights.append(y)
        if row in tops.values():
            y += HEADING + FRAME
        elif row + 1 in tops.values():
            y += HEIGHT + FRAME + BETWEEN_PARTS
        else:
            y += HEIGHT + BETWEEN_ROWS
    return heights


def _frame(part: str, top: float, placed: dict[str, Placed], width: float) -> Placed:
    bottom = max(box.top + HEIGHT for name, box in placed.items() if name.startswith(f"{part}."))
    return Placed(part, part, MARGIN, top, width - 2 * MARGIN, bottom + FRAME - top)


def _paths(
    arrows: list[Arrow],
    chains: list[list[Item]],
    centres: dict[Item, float],
    heights: list[float],
    edges: Collection[int],
    placed: dict[str, Placed],
) -> list[Path]:
    """Every arrow's course. Arrows at one side of a box lie side by side in the order of their other ends."""
    tails = _ends([(c[0], c[1], i) for i, c in enumerate(chains)], centres)
    heads = _ends([(c[-1], c[-2], i) for i, c in enumerate(chains) if c[-1].arrow < 0], centres)
    paths = []
    for i, (arrow, chain) in enumerate(zip(arrows, chains)):
        points = [(tails[i], placed[chain[0].name].top + HEIGHT)]
        for item in chain[1:]:
            if item.arrow < 0:
                points.append((heads[i], placed[item.name].top))
                continue
            top = heights[int(item.name)]
            points.append((centres[item], top))
            if item is not chain[-1]:
                points.append((centres[item], top if int(item.name) in edges else top + HEIGHT))
        paths.append(Path(points[::-1] if arrow.up else points, arrow.imports, arrow.up))
    return paths


def _ends(ends: list[tuple[Item, Item, int]], centres: dict[Item, float]) -> dict[int, float]:
    """Where each arrow meets its box, by the arrow's number; `ends` has the box and the next item."""
    found = {}
    for box in dict.fromkeys(end[0] for end in ends):
        own = sorted((centres[near], number) for here, near, number in ends if here == box)
        step = min(16.0, (_width(box) - 20) / max(1, len(own) - 1))
        for place, (_, number) in enumerate(own):
            found[number] = centres[box] + (place - (len(own) - 1) / 2) * step
    return found
