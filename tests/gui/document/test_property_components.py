"""What the bits of blocks and the bytes of a file are for."""

from __future__ import annotations

import numpy as np
import pytest

from octavox import codec
from octavox.codec import BlockTable, CodecOptions, PointCloud
from octavox.gui.document.block_layer import BlockLayer
from octavox.gui.document.blocks import (
    COLUMNS,
    BlockFilter,
    CostedBlocks,
    column_of,
    columns_of,
    component_bits,
    has_column,
    ordered_rows,
    rows_from,
)
from octavox.gui.document.byte_map import byte_map
from octavox.gui.document.colour_modes import block_mode, is_block_mode
from octavox.gui.document.export import blocks_csv
from octavox.gui.document.facts import block_facts, properties
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.view_state import ViewState


@pytest.fixture(scope="module")
def coded() -> codec.EncodeResult:
    """A coloured slope with classes, in several blocks."""
    rows = np.stack(np.meshgrid(np.arange(150), np.arange(150), indexing="ij"), -1).reshape(-1, 2)
    points = np.c_[rows, rows.sum(axis=1) // 3].astype(np.int32)
    noise = np.random.default_rng(2).integers(0, 9, (len(points), 3))
    label = (points[:, 0] > 70).astype(np.uint8)
    cloud = PointCloud(points, (points // 2 + noise).astype(np.uint8), attributes={"label": label})
    return codec.encode(cloud, options=CodecOptions(codec="octree", slices=2))


@pytest.fixture
def blocks(coded) -> CostedBlocks:
    return CostedBlocks.of(coded.blocks, coded.block_bits)


def test_components_have_columns_that_add_up(blocks, coded) -> None:
    keys = [column.key for column in columns_of(blocks)[len(COLUMNS) :]]
    assert keys[:2] == ["bits:*", "bits:geometry"] and {"bits:red", "bits:label"} <= set(keys)
    total = column_of("bits:*").values(blocks)
    assert np.allclose(total, sum(coded.block_bits.values()))
    assert np.allclose(component_bits(blocks, "geometry"), blocks.bits + blocks.flag_bits)
    assert 8 * len(coded.data) * 0.9 < total.sum() <= 8 * len(coded.data)
    assert [column.title for column in columns_of(blocks)][-len(keys)] == "Total bits"


def test_blocks_without_components_have_the_usual_columns(coded) -> None:
    assert columns_of(coded.blocks) == COLUMNS
    assert not has_column(coded.blocks, "bits:red") and has_column(coded.blocks, "bpov")
    keep = BlockFilter("bits:red", 5.0, 6.0)
    assert keep.mask(coded.blocks).all()  # a range of what is not known leaves nothing out
    geometry = CostedBlocks.of(coded.blocks, {"geometry": coded.block_bits["geometry"]})
    assert columns_of(geometry) == COLUMNS  # nothing beside what "Bits" says


def test_components_sort_filter_and_colour(blocks) -> None:
    rows = ordered_rows(blocks, "bits:red", True, BlockFilter())
    red = component_bits(blocks, "red")
    assert (np.diff(red[rows]) <= 0).all()
    middle = float(np.median(red))
    kept = BlockFilter("bits:red", middle, None).mask(blocks)
    assert np.array_equal(kept, red >= middle) and not kept.all()
    colors, legend = block_mode("bits:red").paint(blocks)
    assert legend.title == "Bits of red" and legend.unit == "bits"
    assert len(np.unique(colors, axis=0)) > 3
    assert block_mode("bits:*").title == "Total bits"
    assert is_block_mode("bits:red") and is_block_mode("size") and not is_block_mode("red")


def test_the_most_expensive_blocks_are_those_of_the_component_that_colours(blocks) -> None:
    layer = BlockLayer()
    layer.replace(blocks, live=False, grown=False)
    first = layer.by_cost(ViewState(block_mode="bits:red"))[0]
    assert first == np.argmax(component_bits(blocks, "red"))
    assert layer.by_cost(ViewState(block_mode="bits:gone"))[0] == np.argmax(blocks.bits + blocks.flag_bits)


def test_the_rest_of_a_table_is_plain_blocks(blocks) -> None:
    rest = rows_from(blocks, 2)
    assert type(rest) is BlockTable and len(rest) == len(blocks) - 2


def test_inspector_and_properties_say_what_bits_and_bytes_are_for(blocks, coded) -> None:
    session = Session()
    session.set_stream(StreamItem(coded.data, codec="octree"))
    session.encode_report = coded.report.to_dict()
    session.set_blocks(blocks)
    facts = {
        fact.label: fact.value for fact in block_facts(session, 0) if fact.section == "Bits by component"
    }
    assert {"Geometry", "red", "label", "Total"} <= set(facts)
    assert facts["Total"] == f"{component_bits(blocks, '*')[0]:,.0f}"
    listed = {fact.label: fact.value for fact in properties(session) if fact.section == "Bytes by component"}
    sizes = {name: int(words.split("\u00a0")[0].replace(",", "")) for name, words in listed.items()}
    assert sum(sizes.values()) == len(coded.data)
    assert sizes["red"] == coded.report.components["red"] > 0 and "Header" in sizes


def test_bytes_say_which_property_they_belong_to(coded) -> None:
    parts = byte_map(coded.data)
    owners = {part.owner for part in parts if part.of_properties}
    named = {name for owner in owners for name in owner.split(", ")}
    assert named == {"red", "green", "blue", "label"}
    assert {part.owner for part in parts if part.slice is not None} == {"geometry"}
    assert parts[0].owner == ""  # the header
    size = sum(len(part) for part in parts if part.of_properties)
    components = coded.report.components
    assert size == sum(components[name] for name in named)


def test_tables_on_disk_have_the_components(blocks, coded) -> None:
    head, first, *_ = blocks_csv(blocks).splitlines()
    named = dict(zip(head.split(","), first.split(","), strict=True))
    assert float(named["bits:red"]) == coded.block_bits["red"][0]
    assert "bits:red" not in blocks_csv(coded.blocks)


def test_a_property_that_is_called_like_another_owner_keeps_its_size() -> None:
    cloud = PointCloud(
        np.random.default_rng(1).integers(0, 30, (200, 3)).astype(np.int32),
        attributes={"order": np.random.default_rng(2).integers(0, 99, 200).astype(np.uint8)},
    )
    data = codec.encode(cloud, options=CodecOptions(codec="octree"))
    (owner,) = {part.owner for part in byte_map(data.data) if part.of_properties}
    assert owner == codec.owner_of("order") and data.report.components[owner] > 0
