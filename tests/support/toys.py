"""Toys that the tests of the registries register: a codec, and options with one more."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from raw_codec import RawCodec
from sample_clouds import ROOT

from octavox.codec import options as options_module
from octavox.codec.cli.main import build_parser
from octavox.codec.codecs import registry
from octavox.codec.codecs.registry import CodecInfo
from octavox.codec.option_spec import CODING, OptionSpec, named, option

MODULE = "toy_codec_module"
TOY = CodecInfo("toy", 210, MODULE, "Toy box", "Stores what it gets.", ("block_size",), pace=7.0)


def help_of(command: str) -> str:
    """What `octavox COMMAND --help` says, on one line."""
    parser = build_parser([command])
    (commands,) = (action for action in parser._actions if action.dest == "command")
    return " ".join(commands.choices[command].format_help().split())


def options_page() -> str:
    """docs/options.md, as `make tables` would write it now."""
    return str(_tables().reference())


def formats_page() -> str:
    """docs/formats.md, as `make tables` would write it now."""
    return str(_tables().formats_reference())


def _tables() -> types.ModuleType:
    """scripts/tables.py."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "scripts" / "tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def toy_codec(monkeypatch: pytest.MonkeyPatch) -> Iterator[CodecInfo]:
    module = types.ModuleType(MODULE)
    module.CODEC = RawCodec()  # type: ignore[attr-defined]
    module.CODEC.name, module.CODEC.id = TOY.name, TOY.id  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, MODULE, module)
    with registry.registered(TOY):
        yield TOY


@dataclass(frozen=True)
class ToyOptions(options_module.CodecOptions):
    """The options, with one more."""

    crumbs: int = option(
        3,
        OptionSpec(
            label="Crumbs",
            help="How many crumbs are left",
            kind=int,
            choices=named({3: "Three", 4: "Four"}),
            closed=True,
            commands=CODING,
            every_codec=True,
        ),
    )


@pytest.fixture
def toy_option(monkeypatch: pytest.MonkeyPatch) -> type[ToyOptions]:
    monkeypatch.setattr(options_module, "CodecOptions", ToyOptions)
    return ToyOptions
