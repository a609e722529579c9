"""What is to be done with one file: plain values, which travel to a worker, and what identifies them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from octavox.codec import __version__
from octavox.codec.codecs.registry import codec_info
from octavox.codec.errors import InputError
from octavox.codec.formats import ReadOptions
from octavox.codec.option_table import (
    cloud_option_specs,
    codec_option_specs,
    make_cloud_options,
    make_options,
    option_applies,
)
from octavox.codec.options import CodecOptions

ENCODE, DECODE, VERIFY, BENCH = "encode", "decode", "verify", "bench"
ACTIONS = (ENCODE, DECODE, VERIFY, BENCH)
_SAME_BYTES = ("threads", "device", "batch_sites")  # change nothing that is written, only times


@dataclass(frozen=True)
class Choice:
    """Options of coding. weights: path of a file of the caller's own; digest: its SHA-256, hexadecimal."""

    options: CodecOptions = field(default_factory=CodecOptions)
    kept: Mapping[str, Any] = field(default_factory=dict)
    read: ReadOptions = field(default_factory=ReadOptions)
    digest: str = ""
    _told: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def weights(self) -> str:
        """The path of the caller's own weights; "" for those that ship."""
        return str(self.options.weights or "")

    def told(self, action: str) -> dict[str, Any]:
        """The options that differ from their defaults and mean something to the action."""
        if action not in self._told:
            self._told[action] = self._find_told(action)
        return self._told[action]

    def _find_told(self, action: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if action in (ENCODE, BENCH):
            for spec in (*codec_option_specs(), *cloud_option_specs()):
                value = getattr(self.options, spec.name, self.kept.get(spec.name, spec.default))
                if spec.name in ("codec", "weights", "block_size") or value == spec.default:
                    continue
                if spec.name in _SAME_BYTES and action != BENCH:
                    continue
                if option_applies(self.options.codec, spec):
                    found[spec.name] = value
            found |= {n: v for n, v in asdict(self.read).items() if v != getattr(ReadOptions(), n)}
        return found | ({"weights": self.digest[:16]} if self.digest else {})

    def identity(self, action: str) -> str:
        """What of the options decides what comes out, as text: equal for equal results."""
        codec = self.options.codec if action in (ENCODE, BENCH) else ""
        return json.dumps([codec, self.told(action)], sort_keys=True)


@dataclass(frozen=True)
class Task:
    """One file. Paths are absolute, sizes in bytes, times in nanoseconds.

    target: the file that is written, or checked; "" of a benchmark. folder: of the batch; run: the run that
    may write there (`state.run_in`).
    """

    action: str
    name: str
    input: str
    size: int
    mtime_ns: int
    target: str
    choice: Choice
    folder: str
    run: str

    @property
    def place(self) -> str:
        """What tells this task from others of its action: the file that it writes, else what it asks."""
        if self.action == BENCH:
            return f"{self.input} {self.choice.identity(self.action)}"
        written = self.below(self.target)
        return written if self.action != VERIFY else f"{self.input} {written}"

    def below(self, path: str) -> str:
        """A path as it lies below the folder of the batch, with "/"."""
        return Path(path).relative_to(self.folder).as_posix() if path else ""

    @cached_property
    def key(self) -> str:
        """A digest of all that the outcome depends on."""
        identity = self.choice.identity(self.action)
        parts = [self.action, self.input, self.size, self.mtime_ns, self.below(self.target), identity]
        return hashlib.sha256(
            json.dumps([*parts, __version__]).encode("utf-8", "surrogateescape")
        ).hexdigest()

    def message(self) -> dict[str, Any]:
        """What travels to a worker: texts, numbers and lists alone."""
        options = {n: v for n, v in asdict(self.choice.options).items() if n != "weights"}
        plain = {n: getattr(self, n) for n in ("action", "name", "input", "size", "target", "folder", "run")}
        return {
            **plain,
            "key": self.key,
            "place": self.place,
            "below": self.below(self.target),
            "options": options,
            "kept": dict(self.choice.kept),
            "read": asdict(self.choice.read),
            "weights": self.choice.digest,
            "told": json.dumps(self.choice.told(self.action), sort_keys=True),
            "version": __version__,
        }


def choices_of(
    options: CodecOptions,
    kept: Mapping[str, Any],
    vary: Mapping[str, Iterable[Any]],
    read: ReadOptions | None = None,
) -> list[Choice]:
    """Every combination of options, of which `vary` has several values; equal ones once.

    Raises InputError for an option that there is not, and for a value that it cannot have.
    """
    coding = {spec.name for spec in codec_option_specs()}
    known = coding | {spec.name for spec in cloud_option_specs()}
    for name in vary:
        if name not in known or name == "weights":
            reason = f"there is no such option to vary; known: {', '.join(sorted(known - {'weights'}))}"
            raise InputError(reason, field=name)
    found: dict[str, Choice] = {}
    for values in product(*vary.values()):
        own = dict(zip(vary, values, strict=True))
        chosen = make_options(vars(options) | {n: v for n, v in own.items() if n in coding})
        grid = make_cloud_options({**kept, **{n: v for n, v in own.items() if n not in coding}})
        choice = Choice(chosen, vars(grid), read or ReadOptions())
        found.setdefault(choice.identity(BENCH), choice)
    return list(found.values())


def networks_of(choices: Sequence[Choice]) -> list[str]:
    """Names of the codecs of some choices, each once."""
    return list(dict.fromkeys(codec_info(choice.options.codec).name for choice in choices))
