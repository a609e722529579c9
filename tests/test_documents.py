"""The documents: links lead somewhere, the generated page is up to date, the example of the README runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from textwrap import dedent

import pytest
from sample_clouds import make_sphere

import octavox as ov
from bench import documents

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_links_are_found() -> None:
    assert LINK.findall("see [a](docs/a.md#part), ![b](b.png), [c](#here), [d](https://d.org)") == [
        "docs/a.md",
        "b.png",
        "https://d.org",
    ]


def test_the_benchmarks_are_what_their_results_say() -> None:
    text = documents.DOCUMENT.read_text("utf-8")
    assert text == documents.document(), "`make bench-documents` writes it anew"


def test_the_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = (ROOT / "README.md").read_text("utf-8").split("## From Python\n")[1].split("\n`encode` also")[0]
    monkeypatch.chdir(tmp_path)
    ov.write_ply("cloud.ply", make_sphere(5, 12.0))
    names: dict[str, object] = {}
    exec(dedent(example), names)
    assert "bits per occupied voxel" in capsys.readouterr().out
    assert names["certificate"].identical  # type: ignore[attr-defined]
    assert Path("back.ply").stat().st_size > 0


def test_the_examples_of_the_library_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(ROOT / "docs" / "library.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 30 and found.failed == 0


def test_the_lossy_figures_of_the_readme_are_so() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    found = re.search(
        r"geometry, ([\d,]+) bytes are left with one level \(([\d.]+) bits per point, D1 PSNR ([\d.]+) dB\) "
        r"and ([\d,]+) bytes with two \(([\d.]+), ([\d.]+) dB\)",
        text,
    )
    assert found is not None
    for levels, told in ((1, found.groups()[:3]), (2, found.groups()[3:])):
        sample = ROOT / "resources" / "samples" / "spot_vox8.ply"
        result = ov.encode(str(sample), drop="*", drop_levels=levels)
        size, psnr = len(result.data), result.report.lossy.d1_psnr
        assert told == (f"{size:,}", f"{8 * size / result.report.input_points:.3f}", f"{psnr:.2f}")
