"""Datasets: meshes and clouds to occupied blocks, the densest first, split by cloud."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_clouds import make_sphere

from octavox import __main__ as main
from octavox import codec
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.datasets.build import DatasetOptions, build, validation_objects
from octavox.codec.datasets.meshes import Sampling, oversampling_for, read_mesh, sample_voxels
from octavox.codec.datasets.noise import LARGEST, SurfaceNoise
from octavox.codec.datasets.selection import densest_blocks, mean_neighbours, voxels_of_blocks
from octavox.codec.datasets.sources import find_sources
from octavox.codec.errors import InputError
from octavox.codec.training.clouds import find_clouds, is_validation, read_training_cloud

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
TRIANGLES = np.array([t for a, b, c, d in QUADS for t in ((a, b, c), (a, c, d))])


def write_off(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> Path:
    rows = [f"OFF\n{len(vertices)} {len(triangles)} 0", *(" ".join(map(repr, v)) for v in vertices.tolist())]
    path.write_text("\n".join([*rows, *(f"3 {a} {b} {c}" for a, b, c in triangles.tolist())]) + "\n")
    return path


def torus(rings: int = 48, sides: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of a torus, radii 1 and 0.4."""
    u, v = (np.arange(n) * 2 * np.pi / n for n in (rings, sides))
    a, b = np.meshgrid(u, v, indexing="ij")
    wide = 1 + 0.4 * np.cos(b)
    vertices = np.stack([wide * np.cos(a), wide * np.sin(a), 0.4 * np.sin(b)], -1).reshape(-1, 3)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(rings), np.arange(sides), indexing="ij"))
    right, up = (i + 1) % rings, (j + 1) % sides
    p, q, r, s = (x * sides + y for x, y in ((i, j), (right, j), (right, up), (i, up)))
    return vertices, np.concatenate([np.stack([p, q, r], 1), np.stack([p, r, s], 1)])


@pytest.fixture
def meshes(tmp_path: Path) -> Path:
    """A cube and a torus with a licence, and a cloud beside them."""
    folder = tmp_path / "models"
    folder.mkdir()
    write_off(folder / "cube.off", CUBE, TRIANGLES)
    write_off(folder / "torus.off", *torus())
    codec.write_ply(folder / "ball_vox7.ply", make_sphere(7, 50.0))
    (folder / "LICENCE.txt").write_text("# Made for a test\n\nCC0 1.0\n")
    return folder


def voxels_of(path: Path, depth: int, **sampling: float) -> np.ndarray:
    return sample_voxels(read_mesh(path), depth, Sampling(**sampling), 5, path).coords  # type: ignore[arg-type]


def enclosed(coords: np.ndarray, depth: int) -> int:
    """Empty voxels that no path of empty voxels over faces joins to the outside."""
    occupied = np.zeros([(1 << depth) + 2] * 3, bool)
    occupied[tuple((coords + 1).T)] = True
    outside = np.zeros_like(occupied)
    outside[0, 0, 0] = True
    while True:
        grown = outside.copy()
        for axis in range(3):
            for step in (1, -1):
                moved = np.roll(outside, step, axis)  # what wraps lands in the outer shell, which is outside
                grown |= moved
        grown &= ~occupied
        if np.array_equal(grown, outside):
            return int((~outside & ~occupied).sum())
        outside = grown


# Sampling


@pytest.mark.slow
@pytest.mark.parametrize("depth", [5, 7])
def test_a_cube_s_surface_has_every_voxel(meshes: Path, depth: int) -> None:
    """The faces lie on voxel centres, so the surface is the cube's outermost layer, and nothing else."""
    coords = voxels_of(meshes / "cube.off", depth)
    edge = 1 << depth
    assert len(coords) == edge**3 - (edge - 2) ** 3
    assert ((coords == 0) | (coords == edge - 1)).any(axis=1).all()


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_a_torus_is_closed(meshes: Path, noise: float) -> None:
    """Outside cannot be reached from within, and within has the volume that it should have."""
    coords = voxels_of(meshes / "torus.off", 6, noise=noise)
    scale = (63 - 2 * np.ceil(LARGEST * noise)) / 2.8  # voxels in a unit of the mesh
    small, wide = 0.4 * scale, scale
    inside = enclosed(coords, 6)
    volume = [2 * np.pi**2 * wide * (small + d) ** 2 for d in (-2.0, 0.0)]
    assert volume[0] < inside < volume[1]
    area = 4 * np.pi**2 * wide * small
    assert area < len(coords) < 2 * area  # a plane meets 1 to 1.73 voxels in the area of a face
    assert len(np.unique(coords, axis=0)) == len(coords)
    assert coords.min() >= 0
    assert coords.max() < 64


def test_too_few_samples_leave_holes(meshes: Path) -> None:
    """The check above finds holes where there are some."""
    assert enclosed(voxels_of(meshes / "torus.off", 6, points=3000), 6) == 0


def test_the_longest_side_fills_the_cube(meshes: Path) -> None:
    for depth in (4, 6):
        coords = voxels_of(meshes / "torus.off", depth)
        assert coords.min(axis=0).tolist() == [0, 0, 0]
        assert coords.max(axis=0)[:2].tolist() == [(1 << depth) - 1] * 2
        assert coords.max(axis=0)[2] < 1 << (depth - 1)


def test_noise_moves_within_its_limit_and_continuously() -> None:
    noise = SurfaceNoise(0.5, np.random.default_rng(3))
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 512, (50_000, 3))
    moved = noise(places)
    assert np.abs(moved).max() <= 0.5 * LARGEST
    assert 0.4 < np.sqrt((moved**2).mean()) < 0.6
    assert np.abs(noise(places + 1e-6) - moved).max() < 1e-5
    assert np.array_equal(SurfaceNoise(0.5, np.random.default_rng(3))(places), moved)


def test_more_area_needs_more_samples_a_voxel() -> None:
    assert oversampling_for(10.0) < oversampling_for(1e6)
    assert 1e6 * np.exp(-oversampling_for(1e6)) < 0.1  # cells of the area expected to be missed


# Selection


clouds = st.integers(0, 2**32 - 1).map(
    lambda seed: sort_unique(np.random.default_rng(seed).integers(0, 256, (400, 3)) // [1, 2, 4], 8)
)


@given(clouds)
def test_blocks_come_densest_first(coords: np.ndarray) -> None:
    blocks, points = densest_blocks(coords, 8)
    assert (np.diff(points) <= 0).all()
    assert points.sum() == len(coords)
    for block, count in zip(blocks, points, strict=True):
        assert (coords // 64 == block).all(axis=1).sum() == count
    for many in (1, len(blocks) // 2 + 1, len(blocks)):
        kept = voxels_of_blocks(coords, blocks[:many], 8)
        assert len(kept) == points[:many].sum()
        assert (kept[:, None] // 64 == blocks[None, :many]).all(axis=2).any(axis=1).all()


@given(clouds)
def test_neighbours_are_counted(coords: np.ndarray) -> None:
    near = np.abs(coords[:, None] - coords[None]).max(axis=2) == 1
    assert mean_neighbours(coords, 8) == near.sum() / len(coords)


@given(st.sets(st.text("abc", min_size=1, max_size=6), min_size=2), st.integers(1, 12))
def test_a_split_has_two_sides(names: set[str], share: int) -> None:
    held = validation_objects(names, share)
    assert 0 < len(held) < len(names)
    assert held == validation_objects(names, share)
    if 0 < sum(is_validation(n, share) for n in names) < len(names):
        assert held == {n for n in names if is_validation(n, share)}


def test_one_object_trains() -> None:
    assert validation_objects({"a"}, 1) == validation_objects({"a"}, 12) == set()


# The whole


def test_a_dataset_is_what_its_record_says(meshes: Path, tmp_path: Path) -> None:
    options = DatasetOptions(depths=(6, 7), blocks=3, most=9)
    record = build([meshes], tmp_path / "set", options, lambda line: None)
    assert json.loads((tmp_path / "set" / "dataset.json").read_text()) == json.loads(json.dumps(record))
    files = find_clouds(tmp_path / "set")
    assert [p.name for p in files] == sorted(row["file"] for row in record["clouds"])
    rows = {row["file"]: row for row in record["clouds"]}
    for path in files:
        cloud, row = read_training_cloud(path), rows[path.name]
        assert (cloud.depth, len(cloud.coords)) == (row["depth"], row["voxels"])
        blocks, _ = densest_blocks(cloud.coords, cloud.depth)
        assert len(blocks) == row["blocks"] <= 3
        assert (cloud.blocks is None) == (row["blocks"] == row["blocks_of_cloud"])
        if cloud.blocks is not None:
            assert np.array_equal(cloud.blocks, blocks)  # densest first
    counts = record["counts"]
    assert counts["blocks"] == sum(row["blocks"] for row in rows.values()) == 9
    assert counts["blocks_training"] + counts["blocks_validation"] == 9
    sides = {(row["object"], row["validation"]) for row in rows.values()}
    assert len(sides) == len({name for name, _ in sides})  # an object's depths lie on one side
    assert {side for _, side in sides} == {True, False}
    assert record["licences"][0]["text"] == "# Made for a test\n\nCC0 1.0\n"
    assert str(meshes.parent) not in json.dumps(
        record
    )  # names of folders above the data are nobody's business


def test_the_densest_blocks_of_all_are_kept(meshes: Path, tmp_path: Path) -> None:
    everything = build([meshes], tmp_path / "a", DatasetOptions(depths=(7,)), lambda line: None)
    few = build([meshes], tmp_path / "b", DatasetOptions(depths=(7,), most=5), lambda line: None)
    points = []
    for row in everything["clouds"]:
        cloud = read_training_cloud(tmp_path / "a" / row["file"])
        points += densest_blocks(cloud.coords, cloud.depth)[1].tolist()
    assert few["counts"]["voxels"] == sum(sorted(points)[-5:])


def test_the_largest_objects_are_kept(meshes: Path, tmp_path: Path) -> None:
    """The paper's rule for ModelNet40: the 200 largest clouds."""
    record = build([meshes], tmp_path / "set", DatasetOptions(depths=(6, 7), largest=1), lambda line: None)
    assert {row["object"] for row in record["clouds"]} == {"cube"}
    assert len(record["clouds"]) == 2
    assert [s["file"] for s in record["sources"]] == ["cube.off"]


def test_the_same_sources_and_seed_give_the_same_bytes(meshes: Path, tmp_path: Path) -> None:
    def made(name: str, seed: int) -> dict[str, bytes]:
        sampling = Sampling(noise=0.4, oversampling=2.0)
        options = DatasetOptions(depths=(6,), blocks=1, seed=seed, sampling=sampling)
        build([meshes], tmp_path / name, options, lambda line: None)
        return {p.name: p.read_bytes() for p in sorted((tmp_path / name).iterdir())}

    first, again, other = made("a", 1), made("b", 1), made("c", 2)
    assert first == again
    assert first["torus_vox6.npz"] != other["torus_vox6.npz"]
    assert first["ball_vox6.npz"] == other["ball_vox6.npz"]


def test_a_cloud_s_voxels_stay(tmp_path: Path) -> None:
    """At its own depth and above as it is, below it without its low bits."""
    ball = make_sphere(7, 50.0)
    codec.write_ply(tmp_path / "ball.ply", ball)
    build([tmp_path / "ball.ply"], tmp_path / "set", DatasetOptions(depths=(6, 9)), lambda line: None)
    own = read_training_cloud(tmp_path / "set" / "ball_vox7.npz")
    half = read_training_cloud(tmp_path / "set" / "ball_vox6.npz")
    assert np.array_equal(own.coords, ball.coords)
    assert np.array_equal(half.coords, sort_unique(ball.coords >> 1, 6))
    assert len(find_clouds(tmp_path / "set")) == 2


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("chair", "table"):
        (tmp_path / "in" / name).mkdir(parents=True)
        write_off(tmp_path / "in" / name / "model.1.off", CUBE, TRIANGLES)
    assert [s.name for s in find_sources([tmp_path / "in"])] == ["chair_model_1", "table_model_1"]


# Errors


def triangle(vertices: str, faces: str, count: int = 1) -> str:
    return f"OFF\n3 {count} 0\n{vertices}\n{faces}\n"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.off", "", "empty"),
        ("a.off", "junk", "no mesh"),
        ("a.off", triangle("0 0 0\n1 0 0\n0 1 0", "", 0), "no faces|no mesh"),
        ("a.obj", "v 0 0 0\nv 1 0 nan\nv 0 1 0\nf 1 2 3\n", r"vertex 1 .*not a finite number"),
        ("a.off", triangle("0 0 0\n1 0 0\n2 0 0", "3 0 1 2"), "no area"),
        ("a.off", triangle("1 1 1\n1 1 1\n1 1 1", "3 0 1 2"), "no extent"),
        ("a.off", triangle("0 0 0\n1 0 0\n0 1 0", "3 0 1 7"), r"face 0 names a vertex|no mesh"),
        ("a.stl", "\0" * 80 + "\x10\0\0\0" + "\0" * 50, "truncated"),
        ("a.glb", "not glTF", "no mesh|cannot read"),
        ("a.xyz", "", "empty"),
        ("a.npz", "not a zip", "not an archive"),
    ],
)
def test_bad_sources_are_named(tmp_path: Path, name: str, text: str, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=reason) as caught:
        build([path], tmp_path / "set", DatasetOptions(depths=(5,)), lambda line: None)
    assert str(caught.value).startswith(str(path))
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]  # nothing half made is left


def test_a_ply_face_of_an_absent_vertex(tmp_path: Path) -> None:
    header = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    faces = "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    path = tmp_path / "a.ply"
    path.write_text(header + faces + "0 0 0\n1 0 0\n0 1 0\n3 0 1 7\n")
    with pytest.raises(InputError, match=r"face 0 names a vertex that is not there .*faces"):
        read_mesh(path)


def test_bad_sources_can_be_left_out(meshes: Path, tmp_path: Path) -> None:
    (meshes / "bad.obj").write_text("v 0 0 nan\n")
    options = DatasetOptions(depths=(5,), skip_bad=True)
    record = build([meshes], tmp_path / "set", options, lambda line: None)
    assert [entry["file"] for entry in record["skipped"]] == ["bad.obj"]
    assert "bad.obj" not in [entry["file"] for entry in record["sources"]]
    assert record["counts"]["objects"] == 3


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (DatasetOptions(depths=(0,)), "depth 0 is outside"),
        (DatasetOptions(depths=(22,)), "depth 22 is outside"),
        (DatasetOptions(depths=(21,)), "samples, above the limit"),
        (DatasetOptions(blocks=0), "not positive.*blocks"),
        (DatasetOptions(sampling=Sampling(noise=-1.0)), "negative.*noise"),
        (DatasetOptions(depths=(3,), sampling=Sampling(noise=2.0)), "no room.*noise"),
        (DatasetOptions(sampling=Sampling(oversampling=float("nan"))), "oversampling"),
    ],
)
def test_bad_options(meshes: Path, tmp_path: Path, options: DatasetOptions, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        build([meshes / "cube.off"], tmp_path / "set", options, lambda line: None)
    assert not (tmp_path / "set").exists()


def test_inputs_and_outputs_that_cannot_be(meshes: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for inputs, reason in (
        ([tmp_path / "absent.ply"], "no such file"),
        ([empty], "no meshes or clouds"),
        ([meshes / "LICENCE.txt"], "ends in none of"),
    ):
        with pytest.raises(InputError, match=reason):
            build(inputs, tmp_path / "set", DatasetOptions(), lambda line: None)
    with pytest.raises(InputError, match="something already"):
        build([meshes], meshes, DatasetOptions(), lambda line: None)
    (meshes / "ball_vox6.ply").write_bytes((meshes / "ball_vox7.ply").read_bytes())
    with pytest.raises(InputError, match=r"second source of ball_vox5\.npz"):
        build([meshes], tmp_path / "set", DatasetOptions(depths=(5,)), lambda line: None)


def test_a_selection_is_no_source(meshes: Path, tmp_path: Path) -> None:
    build([meshes / "cube.off"], tmp_path / "set", DatasetOptions(depths=(7,), blocks=1), lambda line: None)
    with pytest.raises(InputError, match="selection of blocks"):
        build([tmp_path / "set"], tmp_path / "again", DatasetOptions(), lambda line: None)


def test_without_open3d(meshes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open3d", None)
    with pytest.raises(InputError, match=r"cube\.off: .* needs the extra open3d: pip"):
        read_mesh(meshes / "cube.off")


@pytest.mark.slow
def test_from_the_command_line(meshes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "set")
    options = ["--depth", "6", "7", "--blocks", "2", "--noise", "0.3"]
    assert main.main(["dataset", str(meshes), "-o", out, *options]) == 0
    told = capsys.readouterr().out
    assert "torus_vox7.npz" in told
    assert "occupied 26-neighbours, 2 of " in told
    assert json.loads((tmp_path / "set" / "dataset.json").read_text())["options"]["blocks"] == 2
    assert main.main(["dataset", str(meshes), "-o", out]) == 2
    assert capsys.readouterr().err.startswith("octavox: error: ")
