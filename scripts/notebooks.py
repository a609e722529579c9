"""Runs the notebooks of docs/notebooks and keeps what they show: `make notebooks`."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FOLDER = ROOT / "docs" / "notebooks"


def run(path: Path, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """The notebook with the outputs that its cells have now. names: what the cells define goes there."""
    import matplotlib
    from matplotlib import pyplot

    matplotlib.use("Agg")
    pyplot.close("all")  # what the caller left open is not the notebook's
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    names = {} if names is None else names
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = _outputs("".join(cell["source"]), names, count)
    return notebook


def _outputs(source: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """What a cell shows: what it printed, the value of its last expression, its figures."""
    tree, printed, value = ast.parse(source), io.StringIO(), None
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "notebook", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "notebook", "eval"), names)
    found: list[dict[str, Any]] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        found.append({"name": "stdout", "output_type": "stream", "text": text})
    if pictures := _pictures():
        found += pictures
    elif value is not None:
        words = re.sub(rf"{re.escape(tempfile.gettempdir())}/tmp\w+", "/tmp/folder", repr(value))
        data = {"text/plain": words.splitlines(keepends=True)}
        if hasattr(value, "_repr_html_"):
            data["text/html"] = value._repr_html_().splitlines(keepends=True)
        found.append(
            {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}
        )
    return found


def _pictures() -> list[dict[str, Any]]:
    """The figures of matplotlib, which are closed."""
    from matplotlib import pyplot

    found = []
    for number in pyplot.get_fignums():
        file = io.BytesIO()
        pyplot.figure(number).savefig(file, dpi=72, metadata={"Software": None})
        pyplot.close(number)
        data = {"image/png": base64.b64encode(file.getvalue()).decode() + "\n"}
        found.append({"data": data, "metadata": {}, "output_type": "display_data"})
    return found


def main() -> int:
    """Entry of the script."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        path.write_text(json.dumps(run(path), indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
