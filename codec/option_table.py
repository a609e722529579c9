"""The table of all options, and what follows from it: checks, values, command lines.

The command line, the codec panel, sessions, the copied command line and docs/options.md read this table and
name no option themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import options as _options
from .codecs.registry import codec_info, codec_infos
from .errors import InputError, check_type
from .option_spec import Choice, OptionSpec, described
from .options import CloudOptions, CodecOptions


def codec_option_specs() -> tuple[OptionSpec, ...]:
    """The options of coding: the fields of `CodecOptions`."""
    return tuple(_completed(spec) for spec in described(_options.CodecOptions))


def cloud_option_specs() -> tuple[OptionSpec, ...]:
    """The options of the voxel grid: the fields of `CloudOptions`."""
    return described(_options.CloudOptions)


def option_specs() -> tuple[OptionSpec, ...]:
    """All options, in the order in which the window shows them."""
    return (*codec_option_specs(), *cloud_option_specs())


def option_applies(codec: str, spec: OptionSpec) -> bool:
    """Whether an option means something to a codec. Raises InputError for an unknown codec."""
    return spec.every_codec or spec.name in codec_info(codec).options


def make_options(values: Mapping[str, Any]) -> CodecOptions:
    """Options with these values, checked; the others have their defaults.

    Raises InputError, with the option as its field, for a value that no codec can use.
    """
    made: CodecOptions = _options.CodecOptions(**values)
    return check_options(made)


def check_options(chosen: CodecOptions | None) -> CodecOptions:
    """The options as they are; None: the usual ones. Raises InputError as `make_options`."""
    if chosen is None:
        return _options.CodecOptions()
    check_type(chosen, _options.CodecOptions, "a CodecOptions", "options")
    check_type(chosen.codec, str, "the name of a codec", "codec")
    codec_info(chosen.codec)
    for spec in codec_option_specs():
        spec.check(getattr(chosen, spec.name))
    return chosen


def make_cloud_options(values: Mapping[str, Any]) -> CloudOptions:
    """As `make_options`, for the voxel grid."""
    known = [spec.name for spec in cloud_option_specs()]
    if unknown := [name for name in values if name not in known]:
        raise InputError(f"there is no such option; known: {', '.join(known)}", field=unknown[0])
    made: CloudOptions = _options.CloudOptions(**values)
    for spec in cloud_option_specs():
        spec.check(getattr(made, spec.name))
    return made


def option_arguments(command: str, chosen: CodecOptions, grid: CloudOptions | None = None) -> Iterator[str]:
    """The words that give these options on the command line of a subcommand; none for defaults.

    The codec is always named where it can be: the words then mean the same in every release.
    """
    pairs = [(spec, getattr(chosen, spec.name)) for spec in codec_option_specs()]
    if grid is not None:
        pairs += [(spec, getattr(grid, spec.name)) for spec in cloud_option_specs()]
    for spec, value in pairs:
        if command not in spec.commands or not option_applies(chosen.codec, spec):
            continue
        if value != spec.default or spec.name == "codec":
            yield from (spec.argument, str(value))


def _completed(spec: OptionSpec) -> OptionSpec:
    """The option "codec" has the registered codecs for its choices."""
    if spec.name != "codec":
        return spec
    return replace(spec, choices=tuple(Choice(info.name, info.title) for info in codec_infos()))


def parse_option(spec: OptionSpec, text: str) -> Any:
    """The value that a text means, as settings and the command line keep it. Raises InputError."""
    if spec.nullable and text in ("", "None"):
        return None
    try:
        value = spec.kind(text)
    except ValueError:
        raise InputError(f"'{text}' is no {spec.kind.__name__}", field=spec.name) from None
    spec.check(value)
    return value
