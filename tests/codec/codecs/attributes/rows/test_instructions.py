"""What this machine codes, a process that is limited to few instructions decodes to the same bits."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT
from scans import image, layout_of, scan

from bench.instruction_sets import FEWEST, environment
from octavox.codec.codecs.attributes.rows.coder import CODER
from octavox.codec.job import JobContext

SCRIPT = """
import pickle, sys
import numpy as np
from octavox.codec.codecs.attributes.interface import Layout
from octavox.codec.codecs.attributes.rows.coder import CODER
from octavox.codec.job import JobContext
for params, payloads, types, bounds, columns in pickle.load(open(sys.argv[1], "rb")):
    layout = Layout(np.empty((0, 3), np.int32), bounds, 1)
    found = CODER.decode(params, payloads, types, layout, JobContext())
    assert [column.tobytes() for column in found.columns] == columns
"""


@pytest.mark.slow
def test_other_instructions_decode_the_same(tmp_path: Path) -> None:
    given = []
    for columns in (scan(3000), image(64, 60)):
        layout = layout_of(len(columns[0]))
        made = CODER.encode(columns, layout, JobContext())
        types = [np.dtype(column.dtype) for column in columns]
        given.append((made.params, made.payloads, types, layout.bounds, [c.tobytes() for c in columns]))
    path = tmp_path / "streams"
    path.write_bytes(pickle.dumps(given))
    run = [sys.executable, "-c", SCRIPT, str(path)]
    done = subprocess.run(run, env=environment(FEWEST), cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
