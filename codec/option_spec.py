"""What an option is: one entry says all that the command line, the window, sessions and documents need."""

from __future__ import annotations

import contextlib
import operator
import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from numbers import Real
from typing import Any, SupportsIndex

from .errors import InputError

ENCODE = ("encode",)
CODING = ("encode", "decode", "info")
EVERY = ("encode", "decode", "info", "verify", "compare")

_KEY = "octavox"  # of a spec in the metadata of a dataclass field


@dataclass(frozen=True)
class Choice:
    """A value of an option, and its name in the window, in which {n} stands for the value."""

    value: Any
    words: str


@dataclass(frozen=True)
class Shortcut:
    """A flag of the command line that stands for an option with a value."""

    flag: str
    value: Any


@dataclass(frozen=True)
class OptionSpec:
    """One option. `name` and `default` come from the field of the options class that it describes.

    label: its name in the window. help: what it does, one sentence; the command line shows it, and the window
    as a hint. kind: type of its values. least, most: numbers allowed. path: it names a file.
    choices: values with names, which the window offers. closed: no other values are allowed.
    nullable: None is a value, "automatic". commands: subcommands of the command line that take it.
    every_codec: it means something to every codec; else a codec says so in its `CodecInfo`.
    window: the codec panel shows it. remembered: the window keeps it for its next start.
    metavar: what help calls its value. flag: on the command line, if not "--" and the name. shortcuts: flags
    of the command line that stand for it.
    """

    label: str
    help: str
    kind: type = str
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    path: bool = False
    closed: bool = False
    nullable: bool = False
    commands: tuple[str, ...] = ENCODE
    every_codec: bool = False
    window: bool = True
    remembered: bool = True
    metavar: str = ""
    flag: str = ""
    shortcuts: tuple[Shortcut, ...] = ()
    name: str = ""
    default: Any = None

    def check(self, value: Any) -> None:
        """Raises InputError, with the option as its field, for a value that the option cannot have."""
        words = self.name.replace("_", " ")
        if value is None and self.nullable:
            return
        kinds: tuple[type, ...] = (self.kind, os.PathLike) if self.path else (self.kind,)
        if self.kind is float:
            kinds = (float, int)
        right = isinstance(value, kinds) and not isinstance(value, bool)
        above = right and (self.least is None or value >= self.least)
        if not above or (self.most is not None and value > self.most):
            raise InputError(f"{value!r} is no {self._kind_words}", field=words)
        if self.closed and value not in self.values:
            known = ", ".join(map(str, self.values))
            raise InputError(f"{words} {value!r} is none of {known}", field=words)

    @property
    def _kind_words(self) -> str:
        if self.most is not None:
            return f"number from {self.least} to {self.most}"
        if self.least is not None:
            return "positive number" if self.least == 1 else f"number of at least {self.least}"
        return (
            "path"
            if self.path
            else {int: "whole number", float: "number", str: "text"}.get(self.kind, self.kind.__name__)
        )

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of its choices."""
        return tuple(choice.value for choice in self.choices)

    @property
    def argument(self) -> str:
        """What the command line calls it."""
        return self.flag or "--" + self.name.replace("_", "-")


def option(default: Any, spec: OptionSpec) -> Any:
    """A dataclass field with this default, described by `spec`."""
    return field(default=default, metadata={_KEY: spec})


def plain_numbers(options: Any) -> None:
    """Makes Python's own numbers of those that a new object of an options class was given, such as NumPy's.

    What is no number of the option's kind stays as it is; `OptionSpec.check` refuses it.
    """
    for f in fields(options):
        spec, value = f.metadata.get(_KEY), getattr(options, f.name)
        if spec is None or isinstance(value, bool):
            continue
        if spec.kind is int and isinstance(value, SupportsIndex):
            with contextlib.suppress(TypeError):  # an array of several has the method, too
                object.__setattr__(options, f.name, operator.index(value))
        elif spec.kind is float and type(value) is not int and isinstance(value, Real):
            object.__setattr__(options, f.name, float(value))


def described(options: type) -> tuple[OptionSpec, ...]:
    """The specs of an options class, in the order of its fields, with their names and defaults."""
    found = []
    for f in fields(options):
        spec = f.metadata.get(_KEY)
        if spec is not None:
            default = None if f.default is MISSING else f.default
            found.append(replace(spec, name=f.name, default=default))
    return tuple(found)


def named(words: Mapping[Any, str]) -> tuple[Choice, ...]:
    """Choices from values and their names."""
    return tuple(Choice(value, name) for value, name in words.items())
