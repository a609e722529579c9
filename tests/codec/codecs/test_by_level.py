"""What the registry says of codecs that code level by level."""

from __future__ import annotations

from octavox.codec.codecs.interface import LevelCodec
from octavox.codec.codecs.registry import codec_infos, get_codec


def test_the_registry_names_the_codecs_that_code_by_level() -> None:
    for info in codec_infos():
        assert isinstance(get_codec(info.name), LevelCodec) == info.by_level
    assert {info.name for info in codec_infos() if info.by_level} >= {"octree", "multiscale"}
