"""The plan of a cloud's columns: transforms, fields, their order, and which fields each is coded from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.job import JobContext

from ..interface import Array, Layout
from ..packing import stored
from .choosing import of_keys, transform_of
from .image import image_width, ratio_error
from .layout import GIVEN, MASK, MODE, NONE, NUMBERS, RATIO, RATIO_KEY, SIZE, SYMBOLS, new_field
from .plan import ColumnPlan, Plan, ratio_kind, set_ratio
from .relations import Sample, relate, rises
from .stored import halves
from .transforms import CONSTANT, WIDE_BITS, Transform, as_doubles, to_integers
from .trees import lengths_of

FEW = 16  # a field with so many values at most is one of symbols
STEP_SYMBOLS = 63
_APART = 8  # how far steps that have symbols are from each other on average
_FREQUENT = 15  # as many steps as must be half of all for steps to have symbols
_RATIO_GAIN = 64.0  # units of the last place, below which a ratio is better than a palette


@dataclass
class _Draft:
    """A column on its way to fields. values: (n,) int64 of each field. symbols: of its exceptions."""

    number: int
    transform: Transform
    values: list[Int64Array] = field(default_factory=list)
    symbols: Int64Array | None = None


@dataclass
class Planned:
    """A plan, and the values (n,) int64 of each of its fields."""

    plan: Plan
    values: list[Int64Array]


def plan_columns(columns: list[Array], layout: Layout, job: JobContext) -> Planned:
    """Chooses how columns are coded. Raises CancelledError."""
    rows = layout.rows
    width = image_width(columns, layout) if rows else 0
    drafts = []
    for number, column in enumerate(columns):
        job.check()
        drafts.append(_Draft(number, transform_of(column)))
    ratios = _ratios(columns, drafts, width, layout)
    for draft in drafts:
        if draft.transform.kind != CONSTANT:
            integers, symbols = to_integers(columns[draft.number], draft.transform)
            draft.values = halves(integers, draft.transform)
            draft.symbols = symbols if len(draft.transform.exceptions) else None
    builder = _Builder(width, [ColumnPlan(draft.transform) for draft in drafts], rows, layout)
    for draft in sorted(drafts, key=lambda d: _rank(d, width)):
        job.check()
        if draft.values:
            builder.add(draft)
    builder.add_ratios(ratios, columns)
    sample = Sample(builder.planned.plan, builder.planned.values)
    for number in range(len(builder.planned.values)):
        job.check()
        relate(sample, number)
    return builder.planned


def _rank(draft: _Draft, width: int) -> tuple[int, float]:
    """Few values first, then times, then in an image floats with fewer values, then in the order given."""
    if draft.transform.size <= FEW:
        return 0, draft.transform.size
    if width and draft.symbols is not None:
        return 2, float(len(np.unique(draft.values[0])))
    if not width and draft.values and rises(np.diff(draft.values[0])):
        return 1, 0.0
    return 3, 0.0


def _ratios(
    columns: list[Array], drafts: list[_Draft], width: int, layout: Layout
) -> dict[int, tuple[int, int]]:
    """Of columns that are a ratio of another one: that one, and the key (0 column, 1 row).

    Their transforms are changed to plain keys.
    """
    found: dict[int, tuple[int, int]] = {}
    if not width:
        return found
    floats = [d for d in drafts if columns[d.number].dtype.kind == "f" and d.transform.kind != CONSTANT]
    floats.sort(key=lambda d: (_distinct(columns[d.number]), d.number))
    for k, draft in enumerate(floats):
        column = stored(columns[draft.number])
        plain = of_keys(column, False)
        if plain is None or not ratio_kind(plain, column.dtype):
            continue
        errors = [
            (ratio_error(column, stored(columns[base.number]), width, key, layout), base.number, key)
            for base in floats[:k]
            if base.number not in found
            for key in (0, 1)
        ]
        best = min(errors, default=(np.inf, 0, 0))
        if best[0] < _RATIO_GAIN:
            found[draft.number] = best[1], best[2]
            draft.transform = plain
    return found


def _distinct(column: Array) -> int:
    return len(np.unique(stored(column).view(f"u{column.dtype.itemsize}")))


class _Builder:
    """Makes fields of columns."""

    def __init__(self, width: int, columns: list[ColumnPlan], rows: int, layout: Layout) -> None:
        self.planned = Planned(Plan(width, columns, []), [])
        self._bounds = layout.bounds
        if width:
            places = np.concatenate([np.arange(part.stop - part.start) for part in layout.parts])
            most = max(part.stop - part.start for part in layout.parts)
            self._enter(new_field(GIVEN, width), places % width)
            self._enter(new_field(GIVEN, max(-(-most // width), 1)), places // width)

    def _enter(self, row: Int64Array, values: Int64Array) -> int:
        self.planned.plan.fields.append(row)
        self.planned.values.append(values)
        return len(self.planned.values) - 1

    def _symbols(self, size: int, values: Int64Array, mask: int = NONE) -> int:
        number = self._enter(new_field(SYMBOLS, size, mask), values)
        counts = np.bincount(values, minlength=size).astype(np.int64)
        self.planned.plan.trees[number] = lengths_of(counts)
        return number

    def _same(self, size: int, values: Int64Array, mode: int, mask: int = NONE) -> int | None:
        """The number of a field that is equal, if there is one."""
        for number, (row, other) in enumerate(zip(self.planned.plan.fields, self.planned.values)):
            own = int(row[MASK])
            alike = row[MODE] == mode and row[SIZE] == size and mask in (own, NONE)
            plain = own == mask or own in self.planned.plan.steps
            if alike and plain and number not in self.planned.plan.steps and np.array_equal(values, other):
                return number
        return None

    def add(self, draft: _Draft) -> None:
        """Adds the fields of a column."""
        mask = NONE
        if draft.symbols is not None:
            size = len(draft.transform.exceptions) + 1
            same = self._same(size, draft.symbols, SYMBOLS)
            mask = self._symbols(size, draft.symbols) if same is None else same
        sizes = [draft.transform.size]
        if draft.transform.wide:
            sizes = [((draft.transform.size - 1) >> WIDE_BITS) + 1, 1 << WIDE_BITS]
        own = [self._number(size, values, mask) for size, values in zip(sizes, draft.values, strict=True)]
        self.planned.plan.columns[draft.number] = ColumnPlan(draft.transform, mask, tuple(own))

    def _number(self, size: int, values: Int64Array, mask: int) -> int:
        mode = SYMBOLS if 2 <= size <= FEW else NUMBERS
        same = self._same(size, values, mode, mask)
        if same is not None:
            return same
        if mode == SYMBOLS:
            return self._symbols(size, values, mask)
        steps = self._frequent_steps(size, values) if mask == NONE else None
        if steps is not None:
            moved = self._differences(values)
            place = np.minimum(np.searchsorted(steps[1:], moved), len(steps) - 2) + 1
            mask = self._symbols(len(steps), np.where(steps[place] == moved, place, 0))
            self.planned.plan.steps[mask] = steps
        return self._enter(new_field(NUMBERS, size, mask), values)

    def _differences(self, values: Int64Array) -> Int64Array:
        """(n,) from the value before, 0 before each part."""
        found = np.diff(values, prepend=np.int64(0))
        starts = self._bounds[:-1][self._bounds[:-1] < len(values)]
        found[starts] = values[starts]
        return found

    def _frequent_steps(self, size: int, values: Int64Array) -> Int64Array | None:
        """(n,) the most frequent differences in rising order, after a 0 for all others; None if rare."""
        if size <= 1 << 12:
            return None
        steps, counts = np.unique(self._differences(values), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:STEP_SYMBOLS]
        frequent = order[counts[order] >= 8]
        if counts[order[:_FREQUENT]].sum() < 0.5 * len(values) or not len(frequent):
            return None
        found = np.sort(steps[frequent])
        if int(found[-1]) - int(found[0]) < _APART * len(found):
            return None
        return np.concatenate([np.zeros(1, np.int64), found])

    def add_ratios(self, ratios: dict[int, tuple[int, int]], columns: list[Array]) -> None:
        """Enters which fields are predicted by ratios."""
        plan = self.planned.plan
        for number, (base, key) in sorted(ratios.items()):
            column, earlier = plan.columns[number], plan.columns[base]
            if not column.fields or max(earlier.fields) >= column.fields[0]:
                continue
            if base not in plan.bases:
                plan.bases.append(base)
            row = plan.fields[column.fields[0]]
            row[RATIO], row[RATIO_KEY] = plan.bases.index(base), key
            set_ratio(row, column.transform, ratio_kind(column.transform, columns[number].dtype))


def doubles_of(columns: list[Array], plan: Plan) -> Array:
    """(bases, n) float64 of the columns that ratios need."""
    rows = len(columns[0]) if columns else 0
    found = [as_doubles(stored(columns[base])) for base in plan.bases]
    return np.stack(found) if found else np.empty((0, rows), np.float64)
