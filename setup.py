"""The list of packages, which pyproject.toml cannot make: the folders lie elsewhere than their names say."""

from setuptools import find_packages, setup

PARTS = ("codec", "gui", "resources")

setup(
    packages=[
        "octavox",
        *(f"octavox.{part}" for part in PARTS),
        *(f"octavox.{part}.{package}" for part in PARTS for package in find_packages(part)),
    ],
    package_dir={"octavox": "octavox", **{f"octavox.{part}": part for part in PARTS}},
)
