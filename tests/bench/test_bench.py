"""The benchmarks: their tables say what the results say, and G-PCC is asked for what it should be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import make_sphere

from bench import (
    codecs,
    documents,
    files,
    files_table,
    generated_files,
    measure,
    paper,
    parts,
    rivals,
    sample,
    scale,
    sparse,
)
from octavox import codec

FAKE_TMC3 = """#!{python}
import sys
given = dict(option[2:].split("=") for option in sys.argv[1:])
assert given["mode"] == "0" and open(given["uncompressedDataPath"], "rb").read(3) == b"ply"
size = 700 if given["planarEnabled"] == "1" else 900
open(given["compressedStreamPath"], "wb").write(bytes(size))
"""


def test_gains_are_those_that_the_paper_prints() -> None:
    """Its Table 1 holds both rates and gains; from the rates follow the gains, but for rounding."""
    rows = measure.references()["paper"]["rows"]
    printed = {
        "Phil9": (20.07, 24.16, 25.09, 25.10),
        "Loot10": (26.34, 32.14, 32.81, 32.94),
        "Thaidancer9": (19.71, 23.73, 24.23, 24.36),
    }
    for name, gains in printed.items():
        gpcc, *rates = rows[name]
        for rate, wanted in zip(rates, gains, strict=True):
            assert float(documents.gain(rate, gpcc).split()[0]) == pytest.approx(wanted, abs=0.011)


def test_averages_leave_out_clouds_without_a_reference() -> None:
    rows = documents.averaged({"a": [1.0, 0.5], "b": [None, 9.0], "c": [2.0, 1.5]})
    assert rows["**average**"] == [1.5, 1.0]
    assert documents.averaged({"b": [None, 9.0]}) == {"b": [None, 9.0]}


@pytest.mark.slow
def test_paper_benchmark_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmc3 = tmp_path / "tmc3"
    tmc3.write_text(FAKE_TMC3.format(python=sys.executable))
    tmc3.chmod(0o755)
    clouds = tmp_path / "clouds"
    clouds.mkdir()
    sphere = make_sphere(6, 20.0)
    codec.write_ply(clouds / "ball.ply", sphere)
    monkeypatch.setattr(paper, "LEVELS", (1, 2))
    monkeypatch.setattr(sys, "argv", ["paper.py", "-o", str(tmp_path), str(clouds), "--tmc3", str(tmc3)])
    assert paper.main() == 0
    (cloud,) = json.loads((tmp_path / "paper.json").read_text())["clouds"]
    assert cloud["identical"] is True
    assert cloud["points"] == len(sphere)
    assert cloud["gpcc"] == 8 * 700 / len(sphere)  # the smaller of the two
    assert [level["share_of_points"]["64"] for level in cloud["levels"]] == [1.0, 1.0]
    rate = 8 * cloud["levels"][0]["bytes"] / len(sphere)
    text = (tmp_path / "benchmarks.md").read_text()
    assert f"| ball | {cloud['gpcc']:.4f} | {rate:.4f} | {documents.gain(rate, cloud['gpcc'])} |" in text
    assert "| Loot10 | 0.9525 | 0.7016 | 26.34 % |" in text
    assert (tmp_path / "images" / "block-sizes.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_benchmark_of_all_codecs_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = tmp_path / "clouds"
    clouds.mkdir()
    sphere = make_sphere(6, 20.0)
    codec.write_ply(clouds / "basketball_player_1_vox10.ply", sphere)  # a name with known rates of G-PCC
    monkeypatch.setattr(codecs, "RUNS", {"octree": 2, "multiscale": 1})
    arguments = ["codecs.py", "-o", str(tmp_path), str(clouds), "--codecs", "octree", "multiscale"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert codecs.main() == 0
    (cloud,) = json.loads((tmp_path / "codecs.json").read_text())["clouds"]
    assert (cloud["points"], cloud["gpcc_v23"]) == (len(sphere), 0.607)
    shown = [(row["codec"], row["effort"], row["device"]) for row in cloud["rows"]]
    assert shown[:3] == [
        ("octree", "normal", "cpu"),
        ("octree", "high", "cpu"),
        ("multiscale", "normal", "cpu"),
    ]
    text = (tmp_path / "benchmarks.md").read_text()
    for row in cloud["rows"]:
        assert row["identical"] is True
        assert row["bpov"] == 8 * row["bytes"] / len(sphere)
        assert f"| {row['bytes']:,} | {row['bpov']:.4f} |" in text
        assert f"| {row['bpov'] / 0.607:.3f} |" in text
    assert "| octree, high |" in text
    assert {line.count("|") for line in text.splitlines() if line.startswith("|")} == {15}
    assert (tmp_path / "images" / "rate-time.png").read_bytes().startswith(b"\x89PNG")

    monkeypatch.setattr(sys, "argv", [*arguments[:5], "multiscale", "--keep"])
    assert codecs.main() == 0
    (again,) = json.loads((tmp_path / "codecs.json").read_text())["clouds"]
    assert [row["codec"] for row in again["rows"]] == ["multiscale", "multiscale", "octree", "octree"]
    commit = again["rows"][2]["measured"]["commit"]
    assert {k: v for k, v in again["rows"][2].items() if k != "measured"} == cloud["rows"][0]
    assert f"| octree ({commit}) |" in (tmp_path / "benchmarks.md").read_text()


@pytest.mark.slow
def test_benchmark_of_sizes_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "argv", ["scale.py", "-o", str(tmp_path), "--points", "3000", "--codecs", "octree"]
    )
    assert scale.main() == 0
    (row,) = json.loads((tmp_path / "scale.json").read_text())["rows"]
    assert (row["points"], row["slices"], row["identical"]) == (3000, 1, True)
    text = (tmp_path / "benchmarks.md").read_text()
    assert f"| 3,000 | octree | {row['bpov']:.4f} | 1 |" in text
    for line in text.splitlines():
        assert not line.startswith("|") or line.count("|") == 13, line


@pytest.mark.slow
def test_benchmark_of_sparse_clouds_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse, "CLOUDS", (sparse.scattered, sparse.heights))
    monkeypatch.setattr(
        sys, "argv", ["sparse.py", "-o", str(tmp_path), "--points", "2000", "--codecs", "octree"]
    )
    assert sparse.main() == 0
    rows = json.loads((tmp_path / "sparse.json").read_text())["rows"]
    assert [row["cloud"] for row in rows] == ["scattered", "heights"] * 2
    assert all(row["identical"] for row in rows)
    assert rows[0]["bpov"] < 0.99 * rows[2]["bpov"]
    assert rows[1]["bpov"] == rows[3]["bpov"]
    text = (tmp_path / "benchmarks.md").read_text()
    assert f"| scattered | 2,000 | 17 | octree | {rows[0]['bpov']:.4f} | {rows[2]['bpov']:.4f} |" in text


APPLIED = """
import importlib, sys
from octavox import codec
name, cache = sys.argv[1:]
codec.use_variant(name, cache)
for which in codec.VARIANTS["none"].codecs:
    importlib.import_module(f"octavox.codec.codecs.geometry.{which}.codec")
for change in codec.VARIANTS[name].changes:
    module = sys.modules[f"octavox.codec.codecs.geometry.{change.module}"]
    value = getattr(module, change.name)
    package = [m for n, m in sys.modules.items() if n.startswith("octavox.codec.codecs.geometry")]
    assert all(getattr(m, change.name, value) is value for m in package), change
    print(change.module, change.name)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", codec.VARIANTS)
def test_the_changes_of_every_variant_apply(name: str, tmp_path: Path) -> None:
    """Every module that knows what is changed knows the new value."""
    done = measure.run(sys.executable, "-c", APPLIED, name, tmp_path)
    changes = [f"{change.module} {change.name}" for change in codec.VARIANTS[name].changes]
    assert done.output.split("\n") == [*changes, ""]


@pytest.mark.slow
def test_a_variant_needs_a_process_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(codec.InputError, match="unknown variant 'any'"):
        codec.use_variant("any", tmp_path)
    codec.encode(make_sphere(4, 5.0), options=codec.CodecOptions(codec="octree"))
    with pytest.raises(RuntimeError, match="needs a process"):
        codec.use_variant("none", tmp_path)


@pytest.mark.slow
def test_benchmark_of_parts_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = tmp_path / "clouds"
    clouds.mkdir()
    codec.write_ply(clouds / "ball.ply", make_sphere(6, 20.0))
    names = ("none", "short-memory")
    monkeypatch.setattr(codec, "VARIANTS", {name: codec.VARIANTS[name] for name in names})
    monkeypatch.setattr(sys, "argv", ["parts.py", "-o", str(tmp_path), str(clouds), "--codecs", "octree"])
    assert parts.main() == 0
    rows = json.loads((tmp_path / "parts.json").read_text())["rows"]
    assert [row["variant"] for row in rows] == [codec.VARIANTS[name].title for name in names]
    assert len({row["bpov"] for row in rows}) == 2
    assert f"| as it is | {rows[0]['bpov']:.4f} |" in (tmp_path / "benchmarks.md").read_text()


def test_parts_are_written_as_changes() -> None:
    rows = [
        {"variant": v, "cloud": c, "codec": "octree", "bpov": b}
        for v, c, b in (
            ("as is", "a", 0.5),
            ("as is", "b", 2.0),
            ("less", "a", 0.55),
            ("less", "b", 1.9),
        )
    ]
    text = documents.parts_part({"machine": measure.machine(), "rows": rows})
    assert "| octree | a | b |\n|---|---|---|\n| as is | 0.5000 | 2.0000 |" in text
    assert "| less | 0.5500 (+10.00 %) | 1.9000 (-5.00 %) |" in text


def test_a_failing_command_is_not_a_result() -> None:
    with pytest.raises(Exception, match="exit status 2"):
        measure.octavox("encode", "nothing.ply", "-o", "nothing.ovx")


def test_readme_has_the_table_of_its_results() -> None:
    """README's first table says what bench/results/sample.json says."""
    results = json.loads(sample.RESULTS.read_text())
    readme = sample.README.read_text("utf-8")
    assert sample.with_table(readme, results) == readme
    for row in results["rows"]:
        assert f"**{row['archive']:,}**" in readme and row["archive"] <= row["xz"]


def test_the_table_of_files_says_what_was_measured() -> None:
    row = {
        "file": "a.las",
        "points": 10,
        "bytes": 900,
        "archive": 150,
        "stored": "rows",
        "records": 170,
        "laz": 200,
    }
    row |= {
        "gpcc": None,
        "draco": None,
        "xz": 300,
        "zstd": 310,
        "encode_seconds": 1.26,
        "decode_seconds": 0.5,
    }
    cells = [cell.strip() for cell in files_table.row_of(row).split("|")[1:-1]]
    assert len(cells) == len(files_table.HEAD.split("|"))
    assert dict(zip(map(str.strip, files_table.HEAD.split("|")), cells, strict=True)) == {
        "file": "a.las", "points": "10", "bytes": "900", "archive": "150", "from": "rows", "records": "170",
        "G-PCC": "", "of G-PCC": "", "LAZ": "200", "of LAZ": "0.750", "Draco": "", "xz": "300",
        "of xz": "0.500", "zstd": "310", "encode": "1.3 s", "decode": "0.5 s",
    }  # fmt: skip


def test_draco_counts_only_where_it_keeps_every_point() -> None:
    cells = np.unique(np.random.default_rng(1).integers(0, 100, (400, 3)), axis=0).astype(np.float32)
    colors = (cells * 2).astype(np.uint8)
    assert (rivals.draco_bytes(codec.PointCloud(cells, colors)) or 0) > 0
    assert rivals.draco_bytes(codec.PointCloud(cells / 3, colors)) is None
    assert rivals.draco_bytes(codec.PointCloud(cells, attributes={"time": cells[:, 0]})) is None


def test_a_file_is_measured_and_compared(tmp_path: Path) -> None:
    path = generated_files.flight(tmp_path, 400)
    row = files.measured(path, tmp_path, codec.CodecOptions(codec="octree"))
    assert row["points"] == 400 and row["bytes"] == path.stat().st_size
    assert 0 < row["archive"] <= row["xz"] and row["laz"] > 0 and row["gpcc"] is None


def test_rates_of_g_pcc_with_colours_are_of_geometry_and_colours() -> None:
    assert rivals.gpcc_bytes("spot_vox8", 145_773) == round((0.663 + 1.422) * 145_773 / 8)
    assert rivals.gpcc_bytes("another", 10) is None
