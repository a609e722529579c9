"""What mkdocs does besides: pages of notebooks and of CHANGELOG.md and CONTRIBUTING.md, and links to them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FROM_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md")


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that do not lie in docs/ as Markdown."""
    from mkdocs.structure.files import File

    for name in FROM_ROOT:
        files.append(File.generated(config, name, content=(ROOT / name).read_text("utf-8")))
    for path in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")):
        page = f"notebooks/{path.stem}.md"
        files.append(File.generated(config, page, content=notebook_page(json.loads(path.read_text("utf-8")))))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links of GitHub's view of the repository, as links of the site."""
    if page.file.src_uri in FROM_ROOT:
        return re.sub(r"\]\(docs/", "](", markdown)
    return re.sub(r"\]\(\.\./(C[A-Z]+\.md)", r"](\1", markdown).replace(".ipynb)", ".md)")


def notebook_page(notebook: dict[str, Any]) -> str:
    """A notebook as Markdown: its texts, its code, and what that printed."""
    parts = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        for output in cell["outputs"]:
            parts.append(_shown(output.get("data", {"text/plain": output.get("text", [])})))
    return "\n\n".join(parts) + "\n"


def _shown(data: dict[str, Any]) -> str:
    if "image/png" in data:
        return f'<img alt="" src="data:image/png;base64,{"".join(data["image/png"]).strip()}">'
    if "text/html" in data:
        return "".join(data["text/html"])
    return f"```text\n{''.join(data['text/plain'])}\n```"
