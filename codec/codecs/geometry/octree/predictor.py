"""What a network has to offer to the coding loop, which knows nothing else of it."""

from __future__ import annotations

from typing import Any, Protocol

from .learning import Learning
from .levels import Nodes
from .mixing import Mixing
from .neighbours import NeighbourSearch
from .walk import Walk


class Predictor(Protocol):
    """A network that runs along the levels of a slice, from coarse to fine.

    walk: the coding loop with the network's functions compiled into it, see `walk.make_walk`.
    """

    walk: Walk

    @property
    def prediction(self) -> bytes:
        """A digest of what it knows beside the slice and the weights."""

    def mixing(self, table_bits: int, learning: Learning) -> Mixing:
        """New adaptive models for a slice, of the kind that `walk` works on."""

    def level(self, below: int, nodes: Nodes, neighbours: NeighbourSearch) -> Any:
        """Begins a level, and returns its prior: the named tuple of arrays that `walk` gets.

        below: levels below the children of these nodes. The network lets `neighbours` search as far as it
        needs, and in a thread of its own where it has one. It computes nothing for nodes that were coded
        directly; more of them may become known while it works.
        """

    def ensure(self, nodes: int) -> None:
        """Returns when the prior and the neighbours of the first `nodes` nodes are complete.

        Raises what went wrong meanwhile.
        """

    def close(self) -> None:
        """Stops the work on the level."""


class Network(Protocol):
    """Weights, loaded on a device, that predict the bits of every slice.

    identity: the weights' id. device: cpu or cuda.
    """

    identity: bytes
    device: str

    def predictor(self, threaded: bool) -> Predictor:
        """A new predictor, for one slice. threaded: it may use a thread of its own."""
