"""The queue of files."""

from __future__ import annotations

from pathlib import Path

from octavox.codec import CodecOptions
from octavox.gui.document.queue import DONE, RUNNING, Queue


def test_queue_entries_never_share_a_target(tmp_path: Path) -> None:
    (tmp_path / "a.ovx").write_bytes(b"there already")
    queue = Queue()
    entries = [queue.add(str(tmp_path / "a.ply"), CodecOptions()) for _ in range(3)]
    assert len({entry.target for entry in entries}) == 3
    assert all(not Path(entry.target).exists() for entry in entries)
    assert queue.next is entries[0]
    entries[0].state = RUNNING
    assert queue.running is entries[0]
    assert not queue.remove(entries[0])
    entries[0].state = DONE
    assert queue.next is entries[1]
    assert queue.remove(entries[1])
    assert queue.next is entries[2]
