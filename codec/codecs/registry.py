"""The codecs by name and by permanent id. A new codec is one entry here.

An entry is all that the command line, the window and the reports know of a codec; its module loads on first
use.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from octavox.codec.errors import InputError, UnsupportedStreamError

from .attributes.interface import AttributeCoder
from .interface import GeometryCodec

GEOMETRY = "octavox.codec.codecs.geometry"
ATTRIBUTES = "octavox.codec.codecs.attributes"


@dataclass(frozen=True)
class CodecInfo:
    """A geometry codec.

    name: on the command line and in reports. id: in streams; permanent, never used again for another format.
    module: has the codec as `CODEC`. title and words: its name in the window, and what it is. options:
    names of the options that it takes beside those of every codec. network: file of its weights in
    resources/weights, "" without a network. pace: points a second before anything was measured. compiled: it
    has loops that are compiled on first use. by_level: it is a `LevelCodec`.
    """

    name: str
    id: int
    module: str
    title: str
    words: str
    options: tuple[str, ...] = ()
    network: str = ""
    pace: float = 100_000.0
    compiled: bool = True
    by_level: bool = False


@dataclass(frozen=True)
class AttributeCoderInfo:
    """A coder of attributes (colours and other properties). Fields as in `CodecInfo`."""

    name: str
    id: int
    module: str
    words: str


_BUILT_IN = (
    CodecInfo(
        name="octree",
        id=1,
        module=f"{GEOMETRY}.octree.codec",
        title="Octree",
        words="Adaptive contexts, no network. Quick, for any cloud.",
        options=("block_size", "effort", "slices"),
        by_level=True,
        pace=1_500_000.0,
    ),
    CodecInfo(
        name="voxeldnn",
        id=2,
        module=f"{GEOMETRY}.voxeldnn.codec",
        title="VoxelDNN",
        words="Learned: the paper's network predicts every voxel. Slower.",
        options=("max_level", "batch_sites"),
        network="voxeldnn.safetensors",
        pace=20_000.0,
    ),
    CodecInfo(
        name="multiscale",
        id=3,
        module=f"{GEOMETRY}.multiscale.codec",
        title="Multiscale",
        words="Learned, coarse to fine, mixed with adaptive contexts. Smallest files.",
        options=("block_size", "effort", "slices"),
        network="multiscale.safetensors",
        by_level=True,
        pace=800_000.0,
    ),
)
_BUILT_IN_ATTRIBUTES = (
    AttributeCoderInfo(
        name="packed",
        id=1,
        module=f"{ATTRIBUTES}.packed",
        words="General methods, column by column. For any type of numbers.",
    ),
    AttributeCoderInfo(
        name="spatial",
        id=2,
        module=f"{ATTRIBUTES}.spatial.codec",
        words="Integers with spatial meaning (colours, intensities, labels), from the points around each.",
    ),
    AttributeCoderInfo(
        name="referring",
        id=4,
        module=f"{ATTRIBUTES}.spatial.codec:AFTER_A_FRAME",
        words="As spatial, for frames of a sequence: also from the points of the frame before.",
    ),
    AttributeCoderInfo(
        name="rows",
        id=3,
        module=f"{ATTRIBUTES}.rows.coder",
        words="All columns in the order of their file, each from the others. For scans.",
    ),
)
_codecs: dict[str, CodecInfo] = {info.name: info for info in _BUILT_IN}
_attribute_coders: dict[str, AttributeCoderInfo] = {info.name: info for info in _BUILT_IN_ATTRIBUTES}


def codec_infos() -> tuple[CodecInfo, ...]:
    """All geometry codecs, in the order in which they are offered."""
    return tuple(_codecs.values())


def attribute_coder_infos() -> tuple[AttributeCoderInfo, ...]:
    """All attribute coders."""
    return tuple(_attribute_coders.values())


def attribute_coder_id(name: str) -> int:
    """The permanent id of the attribute coder called `name`; loads nothing."""
    return _attribute_coders[name].id


def attribute_coder(name: str) -> AttributeCoder:
    """The attribute coder called `name`. Raises InputError if there is none."""
    if name not in _attribute_coders:
        raise InputError(f"unknown attribute coder '{name}'", field="attribute coder")
    module, _, variable = _attribute_coders[name].module.partition(":")
    coder: AttributeCoder = getattr(importlib.import_module(module), variable or "CODER")
    return coder


def attribute_coder_by_id(coder_id: int) -> AttributeCoder:
    """The coder of a stream's columns; UnsupportedStreamError if this release has none with that id."""
    name = next((info.name for info in _attribute_coders.values() if info.id == coder_id), None)
    if name is None:
        reason = f"attribute coder {coder_id} is not known to this release"
        raise UnsupportedStreamError(reason, field="attribute coder")
    return attribute_coder(name)


def codec_names() -> tuple[str, ...]:
    """Names that `get_codec` takes."""
    return tuple(_codecs)


def codec_info(name: str) -> CodecInfo:
    """The entry of that name. Raises InputError if there is none."""
    if name not in _codecs:
        raise InputError(f"unknown codec '{name}'; known: {', '.join(_codecs)}", field="codec")
    return _codecs[name]


def codec_name(codec_id: int) -> str | None:
    """Name of the codec with that permanent id, or None; loads nothing."""
    return next((info.name for info in _codecs.values() if info.id == codec_id), None)


def get_codec(name: str) -> GeometryCodec:
    """The codec called `name`. Raises InputError if there is none."""
    codec: GeometryCodec = importlib.import_module(codec_info(name).module).CODEC
    return codec


def get_codec_by_id(codec_id: int) -> GeometryCodec:
    """The codec that wrote a stream; UnsupportedStreamError if this release has none with that id."""
    name = codec_name(codec_id)
    if name is None:
        raise UnsupportedStreamError(f"codec id {codec_id} is not known to this release", field="codec id")
    return get_codec(name)


@contextmanager
def registered(*entries: CodecInfo | AttributeCoderInfo) -> Iterator[None]:
    """Adds entries for the life of the context: experiments and tests. Names and ids have to be free."""
    for entry in entries:
        register(entry)
    try:
        yield
    finally:
        for entry in entries:
            unregister(entry.name)


def register(entry: CodecInfo | AttributeCoderInfo) -> None:
    """Adds an entry to this process. Raises InputError where its name or its id is taken."""
    known: Iterable[CodecInfo | AttributeCoderInfo]
    known = _codecs.values() if isinstance(entry, CodecInfo) else _attribute_coders.values()
    if any(entry.name == other.name or entry.id == other.id for other in known):
        raise InputError(f"the name or the id of codec '{entry.name}' is taken", field="codec")
    if isinstance(entry, CodecInfo):
        _codecs[entry.name] = entry
    else:
        _attribute_coders[entry.name] = entry


def unregister(name: str) -> None:
    """Takes an entry out that `register` added."""
    _codecs.pop(name, None)
    _attribute_coders.pop(name, None)
