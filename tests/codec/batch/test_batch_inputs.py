"""Which files a batch works on, and what is made of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavox.codec.batch.inputs import find_inputs, targets_of
from octavox.codec.errors import InputError

CLOUDS = (".ply", ".xyz", ".gz")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "scans/a10.ply",
        "scans/a2.ply",
        "scans/notes.md",
        "scans/.hidden.ply",
        "scans/octavox-batch-encode.xyz",
        "scans/deep/er/b.XYZ",
        "scans/deep/c.ply.gz",
        "scans/deep/d.tar.gz",
        "scans/.cache/e.ply",
        "other/a2.ply",
        "odd[1].ply",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*given: str) -> list[str]:
    return [one.name for one in find_inputs(given, CLOUDS)]


def test_a_folder_gives_all_clouds_in_it_in_natural_order(tree: Path) -> None:
    assert names("scans") == ["a2.ply", "a10.ply", "deep/c.ply.gz", "deep/er/b.XYZ"]
    found = find_inputs("scans", CLOUDS)
    assert [one.path for one in found] == [str(tree / "scans" / one.name) for one in found]
    assert (
        found[0].size == len(b"scans/a2.ply") and found[0].mtime_ns == Path(found[0].path).stat().st_mtime_ns
    )


def test_patterns_keep_what_lies_below_their_fixed_part(tree: Path) -> None:
    assert names("scans/**/*.ply") == ["a2.ply", "a10.ply"]
    assert names("*/a2.ply") == ["other/a2.ply", "scans/a2.ply"]
    assert names(str(tree / "scans" / "deep" / "*")) == ["c.ply.gz", "er/b.XYZ"]
    assert names("scans/a?.ply") == ["a2.ply"]


def test_a_named_file_is_taken_whatever_its_name(tree: Path) -> None:
    assert names("scans/notes.md", "odd[1].ply", "scans/.hidden.ply") == [
        "notes.md",
        "odd[1].ply",
        ".hidden.ply",
    ]


def test_a_file_that_is_named_twice_is_taken_once(tree: Path) -> None:
    assert names("scans/a2.ply", "scans", "scans/*.ply").count("a2.ply") == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("none.ply", "there is no such file"),
        ("none/*.ply", "no file matches"),
        ("n\0ll", "there is no such file"),
        ("empty", "no file in this folder ends in .ply, .xyz, .gz"),
    ],
)
def test_what_is_no_file_is_told(tree: Path, given: str, reason: str) -> None:
    (tree / "empty").mkdir()
    with pytest.raises(InputError, match=reason):
        find_inputs([given], CLOUDS)


def test_what_is_no_path_is_told(tree: Path) -> None:
    with pytest.raises(InputError, match="a path is needed"):
        find_inputs([3], CLOUDS)  # type: ignore[list-item]


def targets(*given: str, folder: str = "out") -> list[str]:
    found = find_inputs(given, CLOUDS)
    return [Path(t).as_posix() for t in targets_of(found, folder, lambda one: ".ovx")]


def test_targets_keep_their_place_below_the_folder(tree: Path) -> None:
    assert targets("scans") == ["out/a2.ovx", "out/a10.ovx", "out/deep/c.ovx", "out/deep/er/b.ovx"]
    assert targets("../" + tree.name + "/scans/a2.ply") == ["out/a2.ovx"]


def test_two_inputs_never_have_one_target(tree: Path) -> None:
    with pytest.raises(InputError, match=r"out/a2\.ovx would be made of this file and of .*scans/a2\.ply"):
        targets("scans/a2.ply", "other/a2.ply")
    (tree / "scans" / "a2.xyz").write_bytes(b"0 0 0\n")
    with pytest.raises(InputError, match=r"would be made of this file and of"):
        targets("scans")


def test_an_input_is_never_a_target(tree: Path) -> None:
    found = find_inputs("scans", CLOUDS)
    with pytest.raises(InputError, match="is an input of this batch"):
        targets_of(found, "scans", lambda one: ".ply")
    (tree / "link").symlink_to(tree / "scans", target_is_directory=True)
    with pytest.raises(InputError, match="is an input of this batch"):
        targets_of(found, "link", lambda one: ".ply")
