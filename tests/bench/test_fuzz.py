"""The fuzzer: the same cases each time, every stage among its seeds, faults that are told, and its page."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_clouds import ROOT

from bench import fuzz, fuzz_child, fuzz_damage, reliability
from bench.fuzz_child import KINDS, Case, damaged
from bench.fuzz_targets import Target, targets
from octavox import codec
from octavox.codec import CorruptStreamError
from octavox.codec.codecs.registry import attribute_coder_infos, codec_infos
from octavox.codec.files.source import open_source
from octavox.codec.formats.registry import formats
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.frames import find_frames
from octavox.codec.stream.reader import StreamReader, is_version1

RECORDS = (ROOT / "tests" / "golden" / "contents" / "records.ovx").read_bytes()


@pytest.fixture(scope="module")
def known() -> dict[str, Target]:
    return targets()


def test_the_page_is_what_its_results_say() -> None:
    assert reliability.DOCUMENT.read_text("utf-8") == reliability.document()


def test_the_solid_cube_of_the_page() -> None:
    cells = np.stack(np.meshgrid(*[np.arange(64, dtype=np.int32)] * 3, indexing="ij"), -1).reshape(-1, 3)
    size = len(codec.encode(codec.PointCloud(cells), options=codec.CodecOptions(codec="octree")).data)
    words = " ".join(reliability.HEAD.split())
    assert f"of codec octree, {size} bytes hold a solid cube of {len(cells):,} voxels" in words


@pytest.mark.slow
def test_every_stage_and_format_is_among_the_seeds(known: dict[str, Target]) -> None:
    codecs, coders, kinds, frames = set[str](), set[int](), set[int](), 0
    for name, target in known.items():
        if not name.startswith("stream"):
            continue
        source = open_source(target.seed())
        if is_version1(source):
            kinds.add(0)
            continue
        found = find_frames(source)
        frames = max(frames, len(found))
        for number in range(min(len(found), 3)):
            stream = StreamReader(source, frame=number, frames=found)
            codecs |= {stream.header.codec_name} if stream.slices else set()
            coders |= {group.coder for group in stream.header.groups}
            kinds |= {entry.kind for entry in stream.entries}
    assert codecs == {info.name for info in codec_infos()}
    assert coders >= {info.id for info in attribute_coder_infos() if info.name != "rows"}
    assert frames > 2
    assert kinds >= {
        0,
        *(k for k in Kind if k not in (Kind.HEADER, Kind.FRAME, Kind.FRAMES, Kind.INDEX, Kind.END)),
    }
    files = {target.suffix for name, target in known.items() if name.startswith("file")}
    assert all(files & set(known_format.suffixes) for known_format in formats())
    weights = {name.split()[1] for name in known if name.startswith("weights")}
    assert weights == {path.stem for path in (ROOT / "resources" / "weights").glob("*.safetensors")}
    assert "session" in known


def test_cases_are_the_same_each_time(known: dict[str, Target]) -> None:
    target = known["stream records"]
    for kind in KINDS:
        one = [damaged(target, RECORDS, kind, k, random.Random(k)) for k in range(40)]
        assert one == [damaged(target, RECORDS, kind, k, random.Random(k)) for k in range(40)]
        assert len(set(one)) > 30 and RECORDS not in one[:1]


def test_each_bit_and_each_length_has_its_turn() -> None:
    data = bytes(range(40))
    flips = {fuzz_damage.flipped(data, k) for k in range(320)}
    assert len(flips) == 320 and all(sum(map(int.bit_count, map(int.__xor__, f, data))) == 1 for f in flips)
    assert {len(fuzz_damage.cut(data, k)) for k in range(40)} == set(range(40))


@pytest.mark.parametrize("name", ["stream records", "stream many", "stream archive_garbage.xyz"])
def test_a_stream_is_put_together_again(known: dict[str, Target], name: str) -> None:
    data = known[name].seed()
    again = fuzz_damage.stream_of(fuzz_damage.parts_of(data))
    assert again == data
    for number in range(60):
        mended = fuzz_damage.mended_stream(data, random.Random(number))
        try:
            source = open_source(mended)
            frames = find_frames(source)
            for k in range(len(frames)):
                for chunk in frames.chunks(source, k):
                    assert "checksum" not in chunk.name
        except CorruptStreamError as error:
            assert "checksum mismatch" not in str(error)


def test_a_mended_stream_of_format_1_has_right_checksums(known: dict[str, Target]) -> None:
    data, sound = known["stream octree_1_0_slices"].seed(), 0
    for number in range(60):
        mended = fuzz_damage.mended_stream(data, random.Random(number))
        try:
            stream = StreamReader(open_source(mended))
            sound += all(stream.sound(entry) for entry in stream.entries)
        except CorruptStreamError as error:
            assert "checksum mismatch" not in str(error)
    assert sound > 20  # other lengths in the header make other payloads


def toy(read: Any, exact: bool = False) -> Target:
    return Target("toy", ".ovx", lambda: RECORDS, read, (CorruptStreamError,), exact=exact)


def outcome_of(target: Target) -> str:
    return Case(target, "changed", 1).run(3)[0]


def refuse(data: bytes, name: str, chance: random.Random) -> str:
    if data != RECORDS:
        raise CorruptStreamError("damaged", field="x", byte=1)
    return "whole"


def test_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_child, "_limit_memory", lambda size: None)

    def fail(data: bytes, name: str, chance: random.Random) -> str:
        if data != RECORDS:
            raise KeyError("x")
        return "whole"

    def fill(data: bytes, name: str, chance: random.Random) -> str:
        if data != RECORDS:
            raise MemoryError
        return "whole"

    assert outcome_of(toy(refuse)) == "refused"
    assert outcome_of(toy(fail)) == "undocumented"
    assert outcome_of(toy(fill)) == "memory"
    assert outcome_of(toy(lambda data, name, chance: str(len(data) + data[-1]), exact=True)) == "wrong"
    assert outcome_of(toy(lambda data, name, chance: "whole", exact=True)) == "same"
    assert outcome_of(toy(lambda data, name, chance: str(np.frombuffer(data, "u1").sum()))) == "read"
    monkeypatch.setattr(fuzz_child, "SECONDS", -1e9)
    assert outcome_of(toy(refuse)) == "slow"


@pytest.mark.slow
def test_a_run_goes_on_and_a_lost_process_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = fuzz.Results(tmp_path / "a.json")
    pairs = [("session", "changed"), ("session", "flipped"), ("session", "cut")]
    fuzz.run_for(200, results, 5, False, pairs, 30)
    again = fuzz.Results(tmp_path / "a.json")
    assert reliability.total(again.content) == 90 and not again.content["faults"]
    fuzz.run_for(200, again, 5, False, pairs, 35)
    assert reliability.total(again.content) == 105
    other = fuzz.Results(tmp_path / "b.json")
    fuzz.run_for(200, other, 6, False, pairs[:1], 20)
    again.merge(tmp_path / "b.json")
    again.merge(tmp_path / "b.json")
    assert reliability.total(again.content) == 125

    class Ends(fuzz.Child):
        def run(self, job: dict[str, Any]) -> Any:
            for said in super().run(job):
                yield said
                if said.get("ends") == 2:
                    self._process.kill()

    monkeypatch.setattr(fuzz, "Child", Ends)
    lost = fuzz.Results(tmp_path / "c.json")
    fuzz.run_for(200, lost, 5, False, [("session", "changed")], 40)
    fault = lost.content["faults"][0]
    assert fault["outcome"] == "crash" and fault["case"].startswith("session/changed/5/")
    assert reliability.total(lost.content) == 40
    monkeypatch.undo()
    fuzz.recheck(lost)
    assert not lost.content["faults"] and json.loads((tmp_path / "c.json").read_text())["faults"] == []


def test_a_silent_process_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "COMPILING_S", 0.0)
    child = fuzz.Child(False)
    said = list(child.run({"target": "session", "kind": "changed", "seed": 1, "first": 0, "seconds": 60}))
    assert said == [{"lost": "hang"}]
