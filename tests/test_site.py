"""The documentation site: every page is in its navigation, generated pages are up to date, notebooks run.

mkdocs itself is no dependency of the tests; `make docs` builds with --strict.
"""

from __future__ import annotations

import inspect
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import octavox as ov
from octavox import codec
from scripts import bootstrap, notebooks, reference, site_hooks

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


class Tagged(yaml.SafeLoader):
    """YAML in which `!ENV [NAME, default]` stands for its list."""


Tagged.add_constructor("!ENV", lambda loader, node: loader.construct_sequence(node))
SITE: dict[str, Any] = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Tagged)


def pages_of(nav: list[Any]) -> list[str]:
    """The pages that a navigation names, in its order."""
    found: list[str] = []
    for entry in nav:
        for value in entry.values():
            found += pages_of(value) if isinstance(value, list) else [value]
    return found


def test_every_page_is_in_the_navigation_once() -> None:
    ours = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    ours += [f"notebooks/{path.stem}.md" for path in (DOCS / "notebooks").glob("*.ipynb")]
    assert sorted(pages_of(SITE["nav"])) == sorted([*ours, *site_hooks.FROM_ROOT])


def test_decisions_are_in_order() -> None:
    named = [page for page in pages_of(SITE["nav"]) if page.startswith("decisions/")]
    assert named == sorted(named) and len(named) > 5


@pytest.mark.parametrize(
    ("page", "text"),
    [(reference.COMMANDS_PAGE, reference.commands_reference), (reference.API_PAGE, reference.api_reference)],
    ids=["commands", "api"],
)
def test_generated_pages_are_up_to_date(page: Path, text: Any) -> None:
    assert page.read_text("utf-8") == text(), "`make tables` writes it anew"


def test_the_page_of_commands_has_every_command_and_option() -> None:
    text = reference.COMMANDS_PAGE.read_text("utf-8")
    for spec in codec.option_specs():
        assert not spec.commands or f"`{spec.argument}" in text
    assert {"encode", "batch", "desktop", "train"} <= set(re.findall(r"^## octavox (\w+)", text, re.M))
    assert "### octavox batch verify" in text


def test_the_page_of_names_has_the_stable_ones_and_they_say_what_they_are() -> None:
    text = reference.API_PAGE.read_text("utf-8")
    shown = re.findall(r"^::: (octavox[\w.]*)\.(\w+)$", text, re.M)
    assert {name for _, name in shown} == set(dir(ov)) - {"__version__"}
    found = {name: getattr(ov, name) for name in dir(ov)}
    kinds = {name: one for name, one in found.items() if inspect.isclass(one) or inspect.isfunction(one)}
    assert [name for name, one in kinds.items() if not one.__doc__] == [] and len(kinds) > 60


# Hooks: what the site makes of files that are no pages


def test_links_of_the_repository_become_links_of_the_site() -> None:
    class Page:
        class file:
            src_uri = "architecture.md"

    told = site_hooks.on_page_markdown("[a](../CONTRIBUTING.md) [b](batch.md) [c](notebooks/x.ipynb)", Page)
    assert told == "[a](CONTRIBUTING.md) [b](batch.md) [c](notebooks/x.md)"
    Page.file.src_uri = "CHANGELOG.md"
    assert site_hooks.on_page_markdown("[a](docs/batch.md)", Page) == "[a](batch.md)"


# Notebooks


@pytest.mark.parametrize("name", ["encode", "bits"])
def test_notebooks_show_what_they_keep(name: str) -> None:
    """The texts are those that the cells give now. (tests/codec/batch runs the third one.)"""
    path = notebooks.FOLDER / f"{name}.ipynb"
    kept, names = json.loads(path.read_text("utf-8")), {}
    now = notebooks.run(path, names)
    assert texts(now) == texts(kept), "`make notebooks` keeps what they show now"
    assert sum("image/png" in output.get("data", ()) for output in outputs(now)) >= 1
    assert len(outputs(kept)) > 4
    page = site_hooks.notebook_page(kept)
    assert page.count("```python") == sum(cell["cell_type"] == "code" for cell in kept["cells"])
    assert ("base64," in page and "<table" in page) or name == "bits"


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def texts(notebook: dict[str, Any]) -> list[str]:
    return [
        "".join(output.get("text", output.get("data", {}).get("text/plain", [])))
        for output in outputs(notebook)
    ]


def test_what_a_notebook_shows_is_kept() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.ipynb")
        cell = {"cell_type": "code", "source": ["print('said')\n", "x = 2\n", "x + 1"], "outputs": []}
        path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["# T"]}, cell]}))
        assert texts(notebooks.run(path)) == ["said\n", "3"]


# What stands in several places


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "installing.md"], ids=["readme", "installing"])
def test_the_system_packages_are_those_of_set_up(page: Path) -> None:
    text = page.read_text("utf-8")
    line = text.split("sudo apt-get install -y --no-install-recommends")[1].split("```")[0]
    assert line.replace("\\", " ").split() == list(dict.fromkeys(need.package for need in bootstrap.WINDOW))


def test_every_extra_is_explained() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    part = project.split("[project.optional-dependencies]")[1].split("\n[")[0]
    text = (DOCS / "installing.md").read_text("utf-8").split("## How large")[0]
    extras = set(re.findall(r"^(\w+) = \[", part, re.M)) - {"dev", "docs"}
    assert extras == set(re.findall(r"^\| `(\w+)` \|", text, re.M))


def test_one_address_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (home,) = re.findall(r'^Source = "https://github.com/(.*)"$', project, re.M)
    owner = home.split("/")[0]
    assert SITE["repo_url"] == f"https://github.com/{home}"
    pages = [*ROOT.glob("*.md"), ROOT / "CITATION.cff", *(ROOT / ".github").rglob("*.yml")]
    for page in pages:
        text = page.read_text("utf-8")
        found = re.findall(r"https://(?:raw\.githubusercontent|github)\.com/([\w-]+/[\w-]+)", text)
        assert set(found) <= {home}, page
        assert f"{owner}.github.io" in text or ".github.io" not in text


def test_pictures_of_the_readme_are_in_the_repository_and_have_an_absolute_address() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", (ROOT / "README.md").read_text("utf-8"))
    assert pictures
    for address in pictures:
        name = re.fullmatch(r"https://raw\.githubusercontent\.com/[\w-]+/[\w-]+/main/(.*)", address)
        assert name is not None and (ROOT / name[1]).exists(), address


def test_the_citation_names_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == ov.__version__ and cited["license"] == "MIT" and cited["title"]


def test_workflows_call_what_there_is() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    called = 0
    for path in (ROOT / ".github").rglob("*.yml"):
        assert yaml.safe_load(path.read_text("utf-8"))
        for target in re.findall(r"run: make (\S+)", path.read_text("utf-8")):
            assert re.search(rf"^{target}:", makefile, re.M), target
            called += 1
        for script in re.findall(r"python ((?:scripts|tests)/\S+\.py)", path.read_text("utf-8")):
            assert (ROOT / script).exists()
            called += 1
    assert called >= 5
