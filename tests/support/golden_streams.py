"""Golden geometry streams of codecs with shipped weights, as JSON beside the golden files."""

from __future__ import annotations

import json

from sample_clouds import ROOT

from octavox.codec.codecs.interface import GeometryStream, Section

FOLDER = ROOT / "tests" / "golden"


def read_stream(name: str) -> GeometryStream:
    """The stream of tests/golden/NAME.json."""
    golden = json.loads((FOLDER / f"{name}.json").read_text())
    return GeometryStream(
        depth=golden["depth"],
        points=golden["points"],
        params=bytes.fromhex(golden["params"]),
        weights_id=bytes.fromhex(golden["weights"]),
        sections=[Section(k, bytes.fromhex(p), n) for k, p, n in golden["sections"]],
    )


def write_stream(name: str, stream: GeometryStream) -> None:
    """Replaces tests/golden/NAME.json."""
    entry = {
        "depth": stream.depth,
        "points": stream.points,
        "params": stream.params.hex(),
        "weights": stream.weights_id.hex(),
        "sections": [[s.kind, s.payload.hex(), s.points] for s in stream.sections],
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(entry, indent=1) + "\n")
