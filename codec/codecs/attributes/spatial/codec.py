"""Coder "spatial" as the pipeline calls it: integers, and floats that stand for integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Float32Array, FloatArray
from octavox.codec.codecs.attributes.interface import (
    Array,
    CodedColumns,
    DecodedColumns,
    FrameBefore,
    Layout,
)
from octavox.codec.codecs.attributes.numbers import pack_form, parse_form, restored, whole_numbers_of
from octavox.codec.coding.bytes import ByteReader
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext

from .coder import decode_spatial, encode_spatial
from .columns import coarse

REFERRING = 4  # id
SAMPLE_POINTS = 1 << 16  # on which ways to code within bounds are compared


class Spatial:
    """See AttributeCoder. Params: what each column stands for (`numbers.pack_form`), then the coder's own."""

    name = "spatial"
    id = 2

    def before(self, layout: Layout) -> FrameBefore | None:
        """What is known of the frame before."""
        return None

    def encode(
        self, columns: list[Array], layout: Layout, job: JobContext, errors: Sequence[int] = ()
    ) -> CodedColumns:
        """errors: how far what comes back of each column of integers may be off; none: not at all."""
        found = [whole_numbers_of(column) for column in columns]
        forms, numbers = b"", []
        for one in found:
            assert one is not None  # the caller has looked
            forms += pack_form(one)
            numbers.append(one.numbers)
        done = encode_spatial(
            layout.cells,
            numbers,
            layout.bounds,
            job,
            layout.threads,
            errors,
            self.before(layout),
            layout.numbers,
        )
        back = done.columns if any(errors) else None
        part_bits = _by_part(done.bits, layout)
        return CodedColumns(forms + done.params, done.payloads, part_bits, done.bits, back, done.learned)

    def encode_within(
        self, columns: list[Array], errors: list[int], layout: Layout, job: JobContext
    ) -> CodedColumns:
        """See BoundedCoder. Values or misses of their predictions become coarse, or neither does, as is best
        for a sample: values where many are equal, misses where there is noise."""
        values = [coarse(column, error) for column, error in zip(columns, errors, strict=True)]
        ways: list[tuple[list[Array], Sequence[int]]] = [(columns, ()), (values, ()), (columns, errors)]
        rows, place = layout.sample(SAMPLE_POINTS)
        sizes = []
        for given, allowed in ways:
            tried = self.encode([np.ascontiguousarray(c[rows]) for c in given], place, job, allowed)
            sizes.append(len(tried.params) + sum(map(len, tried.payloads)))
        given, allowed = ways[int(np.argmin(sizes))]
        done = self.encode(given, layout, job, allowed)
        return done if any(allowed) else replace(done, columns=given)

    def decode(
        self,
        params: bytes,
        payloads: list[bytes],
        types: list[np.dtype[Any]],
        layout: Layout,
        job: JobContext,
    ) -> DecodedColumns:
        reader = ByteReader(params)
        lattices = [parse_form(reader) for _ in types]
        rest = reader.take(reader.left, "params")
        before = self.before(layout)
        if self.id == REFERRING and before is None:
            raise CorruptStreamError("there is no frame before with these columns", field="params", byte=0)
        done = decode_spatial(
            layout.cells, rest, payloads, layout.bounds, job, layout.threads, before, layout.numbers
        )
        found = done.columns
        if len(found) != len(types):
            raise CorruptStreamError(f"{len(found)} columns instead of {len(types)}", field="params", byte=0)
        columns = [
            restored(_checked(numbers, lattice, kind), lattice, kind)
            for numbers, lattice, kind in zip(found, lattices, types)
        ]
        return DecodedColumns(columns, _by_part(done.bits, layout), done.bits, done.learned)


def _by_part(bits: Float32Array, layout: Layout) -> FloatArray:
    """(P, C) the bits (N, C) of the values of each part, summed."""
    sums = [bits[rows].sum(axis=0, dtype=np.float64) for rows in layout.parts]
    return np.array(sums).reshape(len(layout.parts), bits.shape[1])


def _checked(numbers: npt.NDArray[Any], lattice: object, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """The numbers, which have the type of their column unless they stand for floats."""
    if (lattice is None and numbers.dtype != kind) or (lattice is not None and kind.kind != "f"):
        raise CorruptStreamError(f"numbers of type {numbers.dtype} for {kind}", field="params", byte=0)
    return numbers


class Referring(Spatial):
    """The same, for columns that the frame before has, too. They are integers, not on a lattice."""

    name = "referring"
    id = REFERRING

    def before(self, layout: Layout) -> FrameBefore | None:
        """See Spatial."""
        return layout.before


CODER = Spatial()
AFTER_A_FRAME = Referring()
