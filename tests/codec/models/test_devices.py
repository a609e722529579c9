"""The device of a network: torch is asked only where there is a driver, and need not be installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from octavox.codec.errors import InputError
from octavox.codec.models import devices


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a CUDA driver."""
    monkeypatch.setattr(devices, "_driver_present", lambda: True)


def torch(usable: bool) -> object:
    return SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: usable))


def test_without_a_driver_torch_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_driver_present", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert devices.pick_device("auto") == "cpu"
    with pytest.raises(InputError, match="no CUDA GPU can be used here"):
        devices.pick_device("cuda")


@pytest.mark.usefixtures("driver")
def test_without_torch_the_cpu_is_taken_or_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert devices.pick_device("auto") == "cpu"
    with pytest.raises(InputError, match=r"a GPU needs the extra torch: pip install 'octavox\[torch\]'"):
        devices.pick_device("cuda")


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("usable", [True, False])
def test_with_torch_the_gpu_is_taken_where_it_can_be_used(
    usable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch(usable))
    assert devices.pick_device("auto") == ("cuda" if usable else "cpu")
    assert devices.pick_device("cpu") == "cpu"
    if not usable:
        with pytest.raises(InputError, match="no CUDA GPU"):
            devices.pick_device("cuda")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(InputError, match="unknown device 'tpu'"):
        devices.pick_device("tpu")
