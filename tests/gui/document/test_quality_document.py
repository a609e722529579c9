"""What compressions measured and what a sample lets expect, without a window."""

from __future__ import annotations

import pytest
from sample_clouds import SAMPLE

from octavox import codec
from octavox.codec import CancelToken
from octavox.gui.document.certificate import lost
from octavox.gui.document.quality import Quality, RatePoint, Samples, rate_point
from octavox.gui.document.rate_curves import levels_words, plot_of
from octavox.gui.jobs.quality import SAMPLED, code_sample, compute_curve, sample

OCTREE = codec.CodecOptions(codec="octree")


def point(drop: float, bits: float, psnr: float | None, name: str = "octree") -> RatePoint:
    return RatePoint(name, drop, round(1000 * bits), bits, psnr, 0.0 if psnr is None else 2.0, 8)


@pytest.fixture(scope="module")
def cloud() -> codec.VoxelCloud:
    return codec.propose(codec.read_cloud(SAMPLE)).voxels


def test_a_measured_choice_is_given_as_it_was_measured() -> None:
    known = Quality().of("cloud")
    known.add(point(1.0, 0.2, 70.0))
    found = known.expected("octree", 8, 1.0)
    assert found is not None and (found.bits, found.psnr, found.measured) == (0.2, 70.0, True)
    assert known.expected("multiscale", 8, 1.0) is None
    known.add(point(1.0, 0.19, 71.0))  # the same choice anew
    assert [p.bits for p in known.curve("octree", 8)] == [0.19]
    assert known.of("another cloud").curve("octree", 8) == []


def test_a_sample_is_corrected_by_what_was_measured() -> None:
    known = Quality().of("cloud")
    points = (point(0.0, 1.0, None), point(1.0, 0.5, 70.0), point(2.0, 0.125, 64.0))
    known.samples["octree"] = Samples(points, 100, 1000)
    there = known.expected("octree", 8, 1.5)
    assert there is not None and not there.measured
    assert there.bits == pytest.approx(0.25) and there.psnr == pytest.approx(67.0)
    half = known.expected("octree", 8, 0.5)  # half of the squared error of one level
    assert half is not None and half.psnr == pytest.approx(70 + 10 * 0.30103)
    assert known.expected("octree", 8, 0.0).psnr is None
    known.add(point(2.0, 0.25, 66.0))
    there = known.expected("octree", 8, 1.5)
    assert there.bits == pytest.approx(0.5) and there.psnr == pytest.approx(69.0)


def test_a_sample_expects_about_what_the_whole_cloud_gives(cloud, monkeypatch) -> None:
    from octavox.gui.jobs import quality

    monkeypatch.setattr(quality, "MOST_SAMPLED", 1 << 15)
    some = sample(cloud, "octree")
    assert (
        len(some) == 1 << 15
        and (codec.absent_codes(*map(codec.morton_encode, (some.coords, cloud.coords)))).sum() == 0
    )
    known = Quality().of(cloud)
    known.samples["octree"] = found = code_sample(cloud, OCTREE, lambda step: None, CancelToken())
    assert [p.drop for p in found.points] == list(SAMPLED)
    assert (found.voxels, found.whole) == (len(some), len(cloud))
    result = codec.encode(cloud, options=OCTREE, drop_levels=1.25)
    real = rate_point(result.report.to_dict(), 1.25, len(cloud))
    expected = known.expected("octree", cloud.depth, 1.25)
    assert 0.5 < expected.bits / real.bits < 2 and abs(expected.psnr - real.psnr) < 3


def test_a_curve_falls_in_rate_and_quality(cloud) -> None:
    steps = []
    found = compute_curve(cloud, OCTREE, (0.5, 1.0, 2.0), steps.append, CancelToken())
    assert [step.result for step in steps[1:]] == found
    assert [p.drop for p in found] == [0.5, 1.0, 2.0]
    assert found[0].bits > found[1].bits > found[2].bits and found[0].psnr > found[1].psnr > found[2].psnr
    one = codec.encode(codec.VoxelCloud(cloud.coords, cloud.depth), options=OCTREE, drop_levels=1.0)
    assert found[1].bytes == len(one.data) and found[1].bits == 8 * len(one.data) / len(cloud)
    assert found[1].psnr == one.report.lossy.d1_psnr


def test_a_codec_of_whole_levels_has_no_fractions(cloud) -> None:
    few = codec.VoxelCloud(cloud.coords[:2000], cloud.depth)
    options = codec.CodecOptions(codec="voxeldnn")
    found = compute_curve(few, options, (0.5, 2.0), lambda step: None, CancelToken())
    assert [p.drop for p in found] == [2.0]


def test_properties_are_no_part_of_the_rate(cloud) -> None:
    report = codec.encode(SAMPLE, options=OCTREE, drop_levels=1.0).report
    bare = rate_point(report.to_dict(), 1.0, len(cloud))
    colours = sum(report.components[name] for name in ("red", "green", "blue"))
    twice = report.components.get("duplicates", 0)
    assert colours > 0 and bare.bytes == report.bytes - colours - twice


def test_the_queue_says_what_is_guessed(cloud) -> None:
    bare = codec.VoxelCloud(cloud.coords, cloud.depth)
    said = [
        lost(codec.encode(bare, options=OCTREE, drop_levels=drop).report) for drop in (0.0, 0.5, 1.0, 2.0)
    ]
    assert said[0] == ""
    starts = ("levels guessed in part, D1 ", "1 level guessed, D1 ", "2 levels guessed, D1 ")
    assert all(words.startswith(start) for words, start in zip(said[1:], starts, strict=True))


def test_the_plot_holds_all_points() -> None:
    known = Quality().of("cloud")
    assert plot_of(known, "octree", 8, 0.0).empty
    known.add(point(0.0, 1.0, None))
    known.add(point(1.0, 0.2, 70.0))
    known.add(point(1.0, 0.1, 69.0, "multiscale"))
    found = plot_of(known, "octree", 8, 1.0)
    assert [curve.title for curve in found.curves] == ["Octree", "Multiscale"]
    assert found.lossless and found.chosen == (0.2, 70.0)
    assert "255" in found.title
    for curve in found.curves:
        for mark in curve.marks:
            assert found.bits[0] < mark.bits < found.bits[1]
            assert mark.psnr is None or found.psnr[0] < mark.psnr < found.psnr[1]
    assert plot_of(known, "octree", 9, 1.0).empty  # another grid has other numbers


def test_levels_in_words() -> None:
    said = [levels_words(drop) for drop in (0.0, 1.0, 1.5)]
    assert said == ["without loss", "1 level guessed", "1.5 levels guessed"]
