"""The queue: files to be compressed one after the other, each into a bitstream beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from octavox.codec import (
    CloudOptions,
    CodecOptions,
    ReadOptions,
    cloud_option_specs,
    codec_option_specs,
    make_cloud_options,
    option_applies,
)

from .left_out import ALL
from .words import tr

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


def unused(path: str, suffix: str, taken: set[str]) -> str:
    """The path with another suffix, and a number where that is taken or a file of that name exists."""
    base, number = Path(path).with_suffix(""), 1
    target = f"{base}{suffix}"
    while target in taken or Path(target).exists():
        number += 1
        target = f"{base}_{number}{suffix}"
    return target


def changed_options(options: CodecOptions, kept: CloudOptions) -> Iterator[str]:
    """In words, each option that the codec takes and that has another value than usual."""
    pairs = [(spec, getattr(options, spec.name)) for spec in codec_option_specs()]
    pairs += [(spec, getattr(kept, spec.name)) for spec in cloud_option_specs()]
    for spec, value in pairs:
        if spec.name != "codec" and value != spec.default and option_applies(options.codec, spec):
            words = next((choice.words for choice in spec.choices if choice.value == value), "{n}")
            yield f"{tr(spec.label)} {tr(words, n=value)}"


def settings_in_words(options: CodecOptions, kept: CloudOptions) -> str:
    """The codec, and the options that are not as usual."""
    return ", ".join([options.codec, *changed_options(options, kept)])


@dataclass
class QueueEntry:
    """One file. target: where the bitstream goes. words: the result, or why there is none. read: what the
    file does not say itself."""

    path: str
    target: str
    options: CodecOptions
    kept: CloudOptions
    state: str = WAITING
    words: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)

    @property
    def settings(self) -> str:
        """As `settings_in_words`."""
        return settings_in_words(self.options, self.kept)


@dataclass
class Queue:
    """Entries in the order in which they run."""

    entries: list[QueueEntry] = field(default_factory=list)

    def add(
        self,
        path: str,
        options: CodecOptions,
        kept: CloudOptions | None = None,
        read: ReadOptions | None = None,
    ) -> QueueEntry:
        """Add a file; its bitstream does not overwrite that of another entry, nor a file that exists."""
        target = unused(path, ".ovx", {entry.target for entry in self.entries})
        chosen = kept or make_cloud_options({})
        if chosen.drop != ALL:  # names of properties are those of the open cloud
            chosen = replace(chosen, drop=None)
        entry = QueueEntry(path, target, options, chosen, read=read or ReadOptions())
        self.entries.append(entry)
        return entry

    @property
    def next(self) -> QueueEntry | None:
        return next((entry for entry in self.entries if entry.state == WAITING), None)

    @property
    def running(self) -> QueueEntry | None:
        return next((entry for entry in self.entries if entry.state == RUNNING), None)

    def remove(self, entry: QueueEntry) -> bool:
        """Take out an entry that does not run."""
        if entry.state == RUNNING or entry not in self.entries:
            return False
        self.entries.remove(entry)
        return True
