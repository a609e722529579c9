"""Every action of the window, in the order of the menus: text, key, hint, place, and why it may be off."""

from __future__ import annotations

from collections.abc import Iterator

from octavox.gui.base.action_spec import (
    ActionSpec,
    Reason,
    can_cancel,
    can_compare,
    can_compare_streams,
    can_compress,
    can_decode_part,
    can_decompress,
    can_film,
    has_anything,
    has_blocks,
    has_cloud,
    has_file,
    has_stream,
    not_busy,
)

from .action_view import view_looks, view_places


def _themes() -> Iterator[ActionSpec]:
    for key in ("dark", "light"):
        yield ActionSpec(
            f"theme_{key}",
            f"{key.capitalize()} theme",
            "Window",
            "set_theme",
            f"Switch to the {key} theme",
            argument=key,
            group="theme",
        )


def _file() -> list[ActionSpec]:
    return [
        ActionSpec(
            "open",
            "Open…",
            "File",
            "open_dialog",
            "Open a point cloud or a bitstream",
            "Ctrl+O",
            not_busy,
            "open",
        ),
        ActionSpec(
            "open_sample", "Open sample", "File", "open_sample", "Open the bundled sample cloud", "", not_busy
        ),
        ActionSpec(
            "save_stream",
            "Save bitstream…",
            "File",
            "save_stream",
            "Save the compressed cloud as .ovx",
            "Ctrl+S",
            has_stream,
            "save",
            separator=True,
        ),
        ActionSpec(
            "export_ply",
            "Export cloud as PLY…",
            "File/Export",
            "export_ply",
            "Write the decoded cloud, or the original if nothing is decoded",
            "",
            has_cloud,
        ),
        ActionSpec(
            "export_csv",
            "Export blocks as CSV…",
            "File/Export",
            "export_csv",
            "Write one line per block",
            "",
            has_blocks,
        ),
        ActionSpec(
            "export_json",
            "Export report as JSON…",
            "File/Export",
            "export_json",
            "Write everything known of the cloud and its bitstream",
            "",
            has_anything,
        ),
        ActionSpec(
            "screenshot",
            "Screenshot…",
            "File/Export",
            "screenshot",
            "Save the views with their legend as PNG",
            "Ctrl+Shift+S",
            has_cloud,
            "camera",
        ),
        ActionSpec(
            "large_screenshot",
            "Large screenshot…",
            "File/Export",
            "large_screenshot",
            "Save the views at three times the screen's resolution as PNG",
            enabled=has_cloud,
        ),
        ActionSpec(
            "turntable",
            "Turntable video…",
            "File/Export",
            "turntable",
            "Save a video of one turn around the cloud (OGV, WebP or GIF)",
            enabled=can_film,
        ),
        ActionSpec(
            "size_plot",
            "Plot of the block sizes…",
            "File/Export",
            "size_plot",
            "Save the shares of blocks, points and bits by block size (PNG, SVG), as the paper's Figure 4",
            enabled=has_blocks,
        ),
        ActionSpec(
            "open_session",
            "Open session…",
            "File",
            "open_session_dialog",
            "Open the files of a session and show them as they were shown",
            enabled=not_busy,
            separator=True,
        ),
        ActionSpec(
            "save_session",
            "Save session…",
            "File",
            "save_session",
            "Save which files are open, the view, the bookmarks and the options",
            "Ctrl+Shift+W",
            has_anything,
        ),
        ActionSpec(
            "close",
            "Close",
            "File",
            "close_session",
            "Close the cloud and the bitstream",
            "Ctrl+W",
            lambda s: not_busy(s) or has_anything(s),
            separator=True,
        ),
        ActionSpec("quit", "Quit", "File", "quit", "Close the window", "Ctrl+Q"),
    ]


def _command_lines() -> Iterator[ActionSpec]:
    reasons: dict[str, Reason] = {
        "open": has_anything,
        "compress": lambda s: "" if s.original else "no point cloud is open",
        "decompress": has_stream,
        "verify": has_stream,
        "compare": has_stream,
        "export_json": has_stream,
    }
    names = {
        "open": "Open",
        "compress": "Compress",
        "decompress": "Decompress",
        "verify": "Verify",
        "compare": "Compare",
        "export_json": "Report",
    }
    for key, name in names.items():
        yield ActionSpec(
            f"copy_{key}",
            name,
            "Edit/Copy as command line",
            "copy_command",
            "Put the command that does the same on the clipboard",
            enabled=reasons[key],
            argument=key,
            separator=key == "open",
        )


def _languages() -> Iterator[ActionSpec]:
    for key, name in (("en", "English"), ("de", "Deutsch")):
        yield ActionSpec(
            f"language_{key}",
            name,
            "Window/Language",
            "set_language",
            "Language of the window, from its next start on",
            argument=key,
            group="language",
        )


def _edit() -> list[ActionSpec]:
    return [
        *_command_lines(),
    ]


def _codec() -> list[ActionSpec]:
    return [
        ActionSpec(
            "compress",
            "Compress",
            "Codec",
            "compress",
            "Compress the open cloud",
            "Ctrl+E",
            can_compress,
            "compress",
        ),
        ActionSpec(
            "decompress",
            "Decompress",
            "Codec",
            "decompress",
            "Decode the bitstream and compare it with the original",
            "Ctrl+D",
            can_decompress,
            "decompress",
        ),
        ActionSpec(
            "decode_part",
            "Decode only the selected block's slice",
            "Codec",
            "decode_part",
            "Decode nothing but the slice that holds the selected block, and show it beside the original",
            "Ctrl+Shift+D",
            can_decode_part,
        ),
        ActionSpec(
            "queue_files",
            "Queue files…",
            "Codec",
            "queue_files_dialog",
            "Compress several files, one after the other, into bitstreams beside them",
            "Ctrl+Shift+E",
            separator=True,
        ),
        ActionSpec(
            "queue_open",
            "Queue this cloud",
            "Codec",
            "queue_open",
            "Compress the open file with these settings when its turn comes, into a bitstream beside it",
            enabled=has_file,
        ),
        ActionSpec(
            "cancel", "Cancel", "Codec", "cancel", "Stop the running job", "Esc", can_cancel, "cancel"
        ),
    ]


def _analyse() -> list[ActionSpec]:
    return [
        ActionSpec(
            "dearest",
            "Dearest block",
            "Analyse",
            "select_dearest",
            "Select the block that costs most, as the blocks are coloured, and look at it",
            "D",
            has_blocks,
            "zoom",
        ),
        ActionSpec(
            "next_dearest",
            "Next dearest",
            "Analyse",
            "select_next",
            "Go on to the next cheaper block",
            "N",
            has_blocks,
        ),
        ActionSpec(
            "previous_dearest",
            "Previous dearest",
            "Analyse",
            "select_previous",
            "Go back to the next dearer block",
            "Shift+D",
            has_blocks,
        ),
        ActionSpec(
            "compare",
            "Compare the clouds",
            "Analyse",
            "compare",
            "Measure D1 and D2, PSNR and Hausdorff distance, and colour the points by the difference",
            "Ctrl+M",
            can_compare,
            separator=True,
        ),
        ActionSpec(
            "compare_streams",
            "Compare with another bitstream…",
            "Analyse",
            "compare_streams_dialog",
            "Open a second bitstream of this cloud and list which blocks it spends more or fewer bits on",
            "Ctrl+Shift+M",
            can_compare_streams,
        ),
    ]


def _window() -> list[ActionSpec]:
    return [
        *_themes(),
        *_languages(),
        ActionSpec(
            "reset_layout",
            "Reset layout",
            "Window",
            "reset_layout",
            "Put all panels back in their places",
            separator=True,
        ),
    ]


def _help() -> list[ActionSpec]:
    return [
        ActionSpec(
            "palette",
            "Find an action…",
            "Help",
            "show_palette",
            "Search all actions and run one",
            "Ctrl+Shift+P",
        ),
        ActionSpec("tour", "Tour", "Help", "start_tour", "Ten steps from a sample to its dearest block"),
        ActionSpec("shortcuts", "Keys and mouse", "Help", "shortcuts", "List all keys", "F1"),
        ActionSpec(
            "system_report",
            "System report",
            "Help",
            "show_report",
            "Versions, device and renderer, to copy",
            separator=True,
        ),
        ActionSpec("about", "About Octavox", "Help", "about", "Version and what this program does"),
    ]


def all_specs() -> list[ActionSpec]:
    """All actions, in the order of the menus."""
    parts = (_file, _edit, view_looks, view_places, _codec, _analyse, _window, _help)
    return [spec for part in parts for spec in part()]
