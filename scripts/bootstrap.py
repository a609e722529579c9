"""Set-up behind `make`: a virtual environment with pinned packages, and the system libraries of the window.

    python3 scripts/bootstrap.py [--virtual-display] [--docs] [--system-packages]

Standard library only. A stamp in .venv records what was installed from, so that a later call ends at once
and needs no network.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "octavox.stamp"
APT_TRIED = VENV / "octavox.apt"
SOURCES = ("pyproject.toml", "setup.py", "constraints.txt")
OLDEST, NEWEST = (3, 10), (3, 14)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Need:
    """A part of the system: the Debian and Ubuntu package that brings it, and whether it is there."""

    package: str
    present: Callable[[], bool]


def library(package: str, soname: str) -> Need:
    """A need for a shared library, looked up as the loader does."""
    return Need(package, lambda: soname in _loader_cache() or _loads(soname))


def program(package: str, name: str) -> Need:
    """A need for a program on PATH."""
    return Need(package, lambda: shutil.which(name) is not None)


@functools.cache
def _loader_cache() -> frozenset[str]:
    """Names of the shared libraries that ldconfig lists; empty where there is no ldconfig."""
    tool = shutil.which("ldconfig", path="/sbin:/usr/sbin:/bin:/usr/bin")
    if tool is None:
        return frozenset()
    text = subprocess.run([tool, "-p"], capture_output=True, text=True, check=False).stdout
    return frozenset(line.split()[0] for line in text.splitlines() if "=>" in line)


def _loads(soname: str) -> bool:
    """Whether the loader finds `soname` where the cache does not list it (LD_LIBRARY_PATH, no ldconfig)."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _any_font() -> bool:
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return any(next(folder.rglob(kind), None) for folder in folders for kind in ("*.ttf", "*.otf", "*.pfb"))


# What the wheels of Qt (its plugin "xcb"), VTK, Open3D, numba and llvmlite load from the system.
WINDOW = (
    library("libgl1", "libGL.so.1"),
    library("libegl1", "libEGL.so.1"),
    library("libx11-6", "libX11.so.6"),
    library("libx11-xcb1", "libX11-xcb.so.1"),
    library("libxcursor1", "libXcursor.so.1"),
    library("libxcb-cursor0", "libxcb-cursor.so.0"),
    library("libxcb-icccm4", "libxcb-icccm.so.4"),
    library("libxcb-image0", "libxcb-image.so.0"),
    library("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    library("libxcb-randr0", "libxcb-randr.so.0"),
    library("libxcb-render-util0", "libxcb-render-util.so.0"),
    library("libxcb-shape0", "libxcb-shape.so.0"),
    library("libxcb-shm0", "libxcb-shm.so.0"),
    library("libxcb-sync1", "libxcb-sync.so.1"),
    library("libxcb-util1", "libxcb-util.so.1"),
    library("libxcb-xfixes0", "libxcb-xfixes.so.0"),
    library("libxcb-xkb1", "libxcb-xkb.so.1"),
    library("libxkbcommon0", "libxkbcommon.so.0"),
    library("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    library("libdbus-1-3", "libdbus-1.so.3"),
    library("libfontconfig1", "libfontconfig.so.1"),
    library("libfreetype6", "libfreetype.so.6"),
    library("libglib2.0-0", "libglib-2.0.so.0"),
    library("libgssapi-krb5-2", "libgssapi_krb5.so.2"),
    library("libbrotli1", "libbrotlidec.so.1"),
    library("libgomp1", "libgomp.so.1"),
    library("libstdc++6", "libstdc++.so.6"),
    library("libidn2-0", "libidn2.so.0"),
    library("libudev1", "libudev.so.1"),
    library("libusb-1.0-0", "libusb-1.0.so.0"),
    library("zlib1g", "libz.so.1"),
    Need("fonts-dejavu-core", _any_font),
)
# xvfb only recommends xauth, which xvfb-run calls.
VIRTUAL_DISPLAY = (program("xvfb", "xvfb-run"), program("xvfb", "Xvfb"), program("xauth", "xauth"))


def say(text: str) -> None:
    """Prints one line about what set-up does."""
    print(f"octavox: {text}", flush=True)


def missing_packages(needs: Iterable[Need]) -> list[str]:
    """The packages that the system lacks, each once, in the order of the needs."""
    return list(dict.fromkeys(need.package for need in needs if not need.present()))


def apt_command(packages: list[str]) -> list[str]:
    """The command that installs `packages` on Debian and Ubuntu."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def say_how(packages: list[str]) -> None:
    """Prints how to install `packages`: the apt-get line, or the names where the system has no apt."""
    if shutil.which("apt-get") is None:
        say(f"the system lacks (named as in Debian): {' '.join(packages)}")
        return
    say("the system lacks packages that Octavox needs. Install them with:")
    print(f"    {' '.join(['sudo', *apt_command(packages)])}", flush=True)


def run_apt(packages: list[str]) -> None:
    """Installs Debian `packages` as root. A failure is printed; the caller checks what is still missing."""
    say(f"installing system packages: {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], apt_command(packages)):
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            say(f"'{' '.join(command[:2])}' failed")


def ensure_system(needs: tuple[Need, ...]) -> list[str]:
    """Installs what the system lacks, if run as root with apt; returns the packages that are still missing.

    Packages that could not be installed are tried again only after set-up changes, so later calls stay fast.
    """
    if not sys.platform.startswith("linux"):
        return []
    missing = missing_packages(needs)
    tried = APT_TRIED.read_text().split() if APT_TRIED.exists() else []
    if missing and os.geteuid() == 0 and shutil.which("apt-get") and not set(missing) <= set(tried):
        run_apt(missing)
        _loader_cache.cache_clear()
        missing = missing_packages(needs)
        APT_TRIED.write_text("".join(f"{name}\n" for name in missing))
    if missing:
        say_how(missing)
    return missing


def fingerprint() -> str:
    """A hash that changes whenever the packages have to be installed again."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.version_info[:2]}\n{sys.platform}\n".encode())
    for name in SOURCES:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def check_python() -> None:
    """SetupError unless every dependency has a wheel for this interpreter."""
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        span = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        raise SetupError(
            f"Python {span} is needed, this is {version[0]}.{version[1]}. "
            "Name another with: make PYTHON=python3.12 ..."
        )


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def usable(venv: Path) -> bool:
    """Whether `venv` is an environment of the running Python version that starts and has pip."""
    probe = "import sys, pip; print(sys.version_info[:2], sys.prefix)"
    try:
        found = subprocess.run(
            [str(python_of(venv)), "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return found.returncode == 0 and found.stdout.strip() == f"{sys.version_info[:2]} {venv}"


def make_venv() -> None:
    """Makes a new environment in .venv; SetupError if the venv module is incomplete."""
    say(f"making {VENV.name} with Python {sys.version.split()[0]}")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode != 0:
        raise SetupError(
            "this Python cannot make a virtual environment (Debian: sudo apt-get install python3-venv)"
        )


def pip_install(*arguments: str) -> None:
    """Installs into .venv within constraints.txt; SetupError if pip fails."""
    quiet = [] if sys.stdout.isatty() else ["-q", "--progress-bar", "off"]
    command = [str(python_of(VENV)), "-m", "pip", "install", "--disable-pip-version-check", *quiet]
    command += ["-c", str(ROOT / "constraints.txt"), *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupError("pip failed, see above. The next call continues from here.")


def ensure_packages() -> bool:
    """Installs the project and its pinned dependencies if anything changed; True if it did."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text().strip() == wanted and python_of(VENV).exists():
        return False
    STAMP.unlink(missing_ok=True)
    APT_TRIED.unlink(missing_ok=True)
    if not usable(VENV):
        make_venv()
    say("installing packages into .venv: once, hundreds of megabytes, gigabytes where torch comes with CUDA")
    # The pinned build backend comes first, so the project builds without a download of its own.
    pip_install("setuptools")
    pip_install("--no-build-isolation", "--editable", f"{ROOT}[dev]")
    link_package()
    STAMP.write_text(wanted + "\n")
    return True


def ensure_docs() -> None:
    """Installs what builds the documentation site, unless it is there."""
    if not (python_of(VENV).parent / "mkdocs").exists():
        say("installing what builds the documentation site")
        pip_install("--no-build-isolation", "--editable", f"{ROOT}[dev,docs]")


def link_package() -> None:
    """Links the folders as an installation has them, for mypy and lint-imports, which read folders.

    .venv/links/octavox is the whole package. .venv/parts/octavox has no __init__.py, so lint-imports reads
    the parts one by one; it does not follow links inside a package.
    """
    parts = [ROOT / part for part in ("codec", "gui", "resources")]
    _link(VENV / "links" / "octavox", [*parts, *(ROOT / "octavox").glob("*.py")])
    _link(VENV / "parts" / "octavox", parts)


def _link(folder: Path, targets: Iterable[Path]) -> None:
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    for target in targets:
        with contextlib.suppress(OSError):  # Windows needs a privilege for links; only `make check` uses them
            (folder / target.name).symlink_to(os.path.relpath(target, folder), target.is_dir())


def main() -> int:
    """Runs the set-up; the exit status."""
    parser = argparse.ArgumentParser(description="Set up .venv and the system libraries of Octavox.")
    parser.add_argument(
        "--virtual-display", action="store_true", help="also need xvfb, for the window's tests"
    )
    parser.add_argument("--docs", action="store_true", help="also install what builds the documentation site")
    parser.add_argument(
        "--system-packages", action="store_true", help="only print which Debian packages the window needs"
    )
    options = parser.parse_args()
    if options.system_packages:
        print(*dict.fromkeys(need.package for need in WINDOW))
        return 0
    try:
        check_python()
        changed = ensure_packages()
        if options.docs:
            ensure_docs()
        left = ensure_system(WINDOW + (VIRTUAL_DISPLAY if options.virtual_display else ()))
    except SetupError as error:
        say(str(error))
        return 1
    if options.virtual_display and {"xvfb", "xauth"} & set(left) and not os.environ.get("DISPLAY"):
        say("the window's tests need a display, real or virtual")
        return 1
    if changed:
        say("ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
