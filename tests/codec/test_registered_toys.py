"""One entry is enough: a toy of each kind is registered, and found everywhere it must appear."""

from __future__ import annotations

import gzip
import shlex
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere
from toys import MODULE, TOY, ToyOptions, formats_page, help_of, options_page, toy_codec, toy_option

from octavox import codec
from octavox.codec.cli.main import build_parser
from octavox.codec.codecs import registry
from octavox.codec.codecs.registry import AttributeCoderInfo, CodecInfo
from octavox.codec.datasets.sources import source_suffixes
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.formats import registry as formats
from octavox.codec.job import JobContext
from octavox.codec.option_spec import CODING
from octavox.gui.base import file_filters
from octavox.gui.document.command_line import compress_command, decompress_command
from octavox.gui.document.forecast import rate_key, seconds_for
from octavox.gui.document.queue import QueueEntry
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text


def test_the_page_of_options_is_up_to_date() -> None:
    assert (ROOT / "docs" / "options.md").read_text("utf-8") == options_page()


def test_the_page_of_formats_is_up_to_date() -> None:
    assert (ROOT / "docs" / "formats.md").read_text("utf-8") == formats_page()


__all__ = ["toy_codec", "toy_option"]  # fixtures


# -- a codec ---------------------------------------------------------------------------------------


def test_a_codec_codes_and_its_streams_are_known(toy_codec: CodecInfo) -> None:
    cloud = make_sphere(5, 12.0)
    data = codec.encode(cloud, options=codec.CodecOptions(codec="toy")).data
    assert codec.info(data).codec == "toy"
    assert np.array_equal(codec.decode(data).cloud.coords, cloud.coords)
    assert codec.verify(cloud, data).identical


def test_a_codec_is_on_the_command_line_and_in_the_documents(toy_codec: CodecInfo) -> None:
    assert "toy" in codec.codec_names()
    assert "{octree,voxeldnn,multiscale,toy}" in help_of("encode")
    assert "| `toy` | 210 | Stores what it gets. | none | `block_size` |" in options_page()
    chosen = codec.CodecOptions(codec="toy", block_size=16, effort="high")
    words = shlex.split(compress_command("a.ply", "a.ovx", chosen))
    assert words[-4:] == ["--codec", "toy", "--block-size", "16"]  # effort means nothing to it
    assert build_parser(words[1:]).parse_args(words[1:]).option_codec == "toy"


def test_a_codec_is_in_the_window(toy_codec: CodecInfo, tmp_path: Path) -> None:
    chosen = codec.CodecOptions(codec="toy", block_size=16)
    first = codec.CodecOptions(codec="toy")
    assert seconds_for(first, 700, None) == pytest.approx(100.0, rel=0.1)  # its pace
    assert rate_key(first) != rate_key(chosen) != rate_key(codec.CodecOptions())
    assert QueueEntry("a.ply", "a.ovx", chosen, codec.CloudOptions()).settings == "toy, Blocks 16"
    session = Session()
    session.set_options(codec="toy", block_size=16)
    path = tmp_path / "s.octavox"
    path.write_text(session_text(session))
    assert read_session(str(path)).options["codec"] == "toy"


def test_names_and_ids_are_used_once(toy_codec: CodecInfo) -> None:
    for other in (replace(TOY, id=211), replace(TOY, name="other"), replace(TOY, name="octree", id=212)):
        with pytest.raises(InputError, match="is taken"):
            registry.register(other)
    ids = [info.id for info in codec.codec_infos()]
    assert len(set(ids)) == len(ids)


def test_an_attribute_coder_is_listed() -> None:
    before = codec.attribute_coder_infos()
    assert [info.name for info in before] == ["packed", "spatial", "referring", "rows"]
    entry = AttributeCoderInfo("toy", 9, MODULE, "Codes nothing.")
    with registry.registered(entry):
        assert codec.attribute_coder_infos() == (*before, entry)
        assert "| `toy` | 9 | Codes nothing. |" in options_page()


# -- a format --------------------------------------------------------------------------------------


def read_toy(source: Source, job: JobContext, options: codec.ReadOptions) -> codec.PointCloud:
    numbers = np.frombuffer(source.read(4), "<i4").reshape(-1, 3)
    return codec.PointCloud(numbers, source=source.name)


def sample_toy(source: Source, points: int) -> codec.PointCloud:
    return read_toy(source, JobContext(), codec.ReadOptions())


def write_toy(
    file: BinaryIO, cloud: codec.PointCloud, job: JobContext, options: codec.WriteOptions
) -> tuple[str, ...]:
    file.write(b"TOY!" + cloud.coords.astype("<i4").tobytes())
    return tuple(cloud.attributes)


TOY_MODULE = "toy_format_module"
FORMAT = formats.Format(
    "Toy",
    (".toy",),
    TOY_MODULE,
    (b"TOY!",),
    samples=True,
    writes=(".toy",),
    keeps="corners",
    drops="the rest",
)


@pytest.fixture
def toy_format(monkeypatch: pytest.MonkeyPatch) -> formats.Format:
    module = types.ModuleType(TOY_MODULE)
    module.read, module.sample, module.write = read_toy, sample_toy, write_toy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, TOY_MODULE, module)
    return FORMAT


def test_a_format_is_read_written_and_offered(tmp_path: Path, toy_format: formats.Format) -> None:
    path = tmp_path / "cloud.toy"
    path.write_bytes(b"TOY!" + np.arange(12, dtype="<i4").tobytes())
    renamed = tmp_path / "cloud.bin"
    renamed.write_bytes(path.read_bytes())
    with pytest.raises(InputError):
        codec.read_cloud(path)
    with formats.registered(toy_format):
        assert len(codec.read_cloud(path).positions) == 4
        assert len(codec.read_cloud(gzip.compress(path.read_bytes())).positions) == 4
        assert codec.write_cloud(tmp_path / "back.toy", codec.read_cloud(path)) == ()
        assert (tmp_path / "back.toy").read_bytes() == path.read_bytes()
        assert "| Toy | `.toy` | `.toy` | corners | the rest | sampled | none |" in formats_page()
        assert len(codec.read_cloud(renamed).positions) == 4  # by its first bytes
        assert codec.read_sample(path, 2) is not None
        assert codec.encode(path, options=codec.CodecOptions(codec="octree")).report.points == 4
        assert ".toy" in help_of("encode")
        assert "*.toy" in file_filters.clouds() and "*.toy" in file_filters.everything()
        assert ".toy" in source_suffixes()
        assert "| Toy | `.toy` | `.toy` | yes |" in options_page()
    assert ".toy" not in codec.cloud_suffixes()


# -- an option -------------------------------------------------------------------------------------


def test_an_option_is_on_the_command_line(toy_option: type[ToyOptions], tmp_path: Path) -> None:
    for command in CODING:
        assert "--crumbs {3,4} how many crumbs are left" in help_of(command)
    assert "--crumbs" not in help_of("verify")
    chosen = toy_option(codec="octree", crumbs=4)
    for line in (compress_command("a.ply", "a.ovx", chosen), decompress_command("a.ovx", "a.ply", chosen)):
        assert line.endswith("--crumbs 4")
    assert "| `--crumbs` | **3**, 4 | How many crumbs are left |" in options_page()


def test_an_option_reaches_codec_and_report(toy_option: type[ToyOptions]) -> None:
    made = codec.make_options({"codec": "octree", "crumbs": 4})
    assert codec.encode(make_sphere(4, 5.0), options=made).report.options["crumbs"] == 4
    with pytest.raises(InputError, match="crumbs 5 is none of 3, 4"):
        codec.make_options({"crumbs": 5})


def test_an_option_is_kept_in_sessions(toy_option: type[ToyOptions], tmp_path: Path) -> None:
    session = Session()
    assert isinstance(session.options, toy_option)
    session.set_options(crumbs=4)
    path = tmp_path / "s.octavox"
    path.write_text(session_text(session))
    assert read_session(str(path)).options["crumbs"] == 4
    assert "Crumbs Four" in QueueEntry("a.ply", "a.ovx", session.options, codec.CloudOptions()).settings
    assert rate_key(session.options) != rate_key(toy_option())
