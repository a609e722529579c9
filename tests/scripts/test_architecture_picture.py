"""The picture of the imports (scripts/architecture.py): it is up to date, and it shows what is there."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"

Checkout = Callable[[dict[str, str]], Path]


@pytest.fixture
def architecture(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import architecture

    return architecture


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Writes modules, given by path and text, and an __init__.py into each of their folders."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for folder in path.parents[: len(Path(name).parents) - 1]:
                (folder / "__init__.py").touch()
            path.write_text(text)
        return tmp_path

    return write


def classes(picture: str, kind: str) -> list[str]:
    """The classes of all elements of a kind, in order."""
    return [element.get("class", "") for element in ET.fromstring(picture).iter(f"{SVG}{kind}")]


def test_the_committed_picture_shows_the_imports_of_today(architecture: ModuleType) -> None:
    drawn = architecture.draw(architecture.read(ROOT))
    assert architecture.PICTURE.read_text("utf-8") == drawn, "`make architecture` draws it anew"


def test_the_same_imports_give_the_same_picture_in_any_order(architecture: ModuleType) -> None:
    boxes, imports = architecture.read(ROOT)
    turned = architecture.Graph(dict(reversed(boxes.items())), type(imports)(dict(reversed(imports.items()))))
    assert architecture.draw(turned) == architecture.draw(architecture.Graph(boxes, imports))


def test_imports_of_every_form_are_counted(architecture: ModuleType, checkout: Checkout) -> None:
    folder = checkout(
        {
            "octavox/__main__.py": "from octavox.gui.app.app import run\nimport octavox",
            "gui/app/app.py": "from octavox import codec\nfrom octavox.codec import encode\nimport sys",
            "codec/api.py": "from .io import read\nfrom octavox.codec.io.read import a\nfrom . import errors",
            "codec/io/read.py": "def f():\n    import octavox.codec.errors as e\n",
            "codec/io/deep/own.py": "from ..read import rows\nfrom ... import errors",
            "codec/errors.py": "",
        }
    )
    boxes, imports = architecture.read(folder)
    assert boxes == {
        "octavox": True,
        "gui.app": True,
        "codec.api": False,
        "codec.io": True,
        "codec.io.deep": True,
        "codec.errors": False,
    }
    assert imports == {
        ("octavox", "gui.app"): 1,
        ("gui.app", "codec"): 2,
        ("codec.api", "codec.io"): 2,
        ("codec.api", "codec.errors"): 1,
        ("codec.io", "codec.errors"): 1,
        ("codec.io.deep", "codec.io"): 1,
        ("codec.io.deep", "codec.errors"): 1,
    }


def test_an_older_checkout_is_read_too(architecture: ModuleType, checkout: Checkout) -> None:
    folder = checkout(
        {
            "gui/model/session.py": "import codec\nfrom codec import CodecOptions",
            "gui/workbench.py": "from .model.session import Session\nfrom .model import events",
            "codec/octree/codec.py": "from ..errors import InputError",
            "codec/errors.py": "",
        }
    )
    (folder / "main.py").write_text("from gui import workbench")
    assert architecture.read(folder).imports == {
        ("main", "gui.workbench"): 1,
        ("gui.workbench", "gui.model"): 2,
        ("gui.model", "codec"): 2,
        ("codec.octree", "codec.errors"): 1,
    }


def test_what_only_a_type_checker_reads_is_left_out(architecture: ModuleType, checkout: Checkout) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from octavox.codec.api import f"
    folder = checkout({"codec/api.py": "", "codec/errors.py": text})
    assert architecture.read(folder).imports == {}


def test_a_circle_has_one_red_arrow_where_the_fewest_imports_go(
    architecture: ModuleType, checkout: Checkout
) -> None:
    down = "from octavox.codec.stream.bits import a, b, c"
    folder = checkout(
        {
            "codec/api.py": "from octavox.codec.codecs.tree import f",
            "codec/codecs/tree.py": down,
            "codec/stream/bits.py": "from octavox.codec.codecs.tree import f",
        }
    )
    graph = architecture.read(folder)
    assert architecture.upward(graph) == {("codec.stream", "codec.codecs")}
    drawn = classes(architecture.draw(graph), "path")
    assert (drawn.count("arrow"), drawn.count("arrow up"), drawn.count("head up")) == (2, 1, 1)


def test_an_arrow_that_others_imply_is_left_out(architecture: ModuleType) -> None:
    boxes = dict.fromkeys(("codec.a", "codec.b", "codec.c"), True)
    imports = {("codec.a", "codec.b"): 1, ("codec.b", "codec.c"): 7, ("codec.a", "codec.c"): 30}
    arrows = architecture.arrows(architecture.Graph(boxes, architecture.Counter(imports)))
    assert [(a.source, a.target, a.imports) for a in arrows] == [
        ("codec.a", "codec.b", 1),
        ("codec.b", "codec.c", 7),
    ]


def test_boxes_do_not_overlap_and_arrows_go_down(architecture: ModuleType) -> None:
    graph = architecture.read(ROOT)
    picture = architecture.arrange(graph.boxes, architecture.arrows(graph), architecture.PARTS)
    for i, one in enumerate(picture.boxes):
        assert 0 <= one.left <= picture.width - one.width
        for other in picture.boxes[:i]:
            apart = (
                abs(one.left + one.width / 2 - other.left - other.width / 2) >= (one.width + other.width) / 2
            )
            assert apart or one.top != other.top
    for path in picture.paths:
        heights = [y for _, y in path.points]
        assert heights == sorted(heights, reverse=path.up)


def test_a_folder_that_is_no_checkout_is_an_error(
    architecture: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["architecture.py", str(tmp_path), "-o", str(tmp_path / "a.svg")])
    assert architecture.main() == 2
    assert "no checkout" in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()
