"""Quantized weights of the upsampling network: the file, its identity and the checks that make it exact."""

from __future__ import annotations

SETS = 4  # by `weight_set`
LEVEL_CLASSES = 4
CHANNELS, HIDDEN, CHILDREN = 32, 64, 8
CONVOLUTIONS = 6
WINDOW, TAPS = 125, 27


def weight_set(below: int, guessed: bool) -> int:
    """Which set of weights is used. below: levels below the children's. guessed: the nodes are guesses, too."""
    return 2 * guessed + min(below, 1)


def level_class(below: int) -> int:
    """Which bias the network starts from."""
    return min(below, LEVEL_CLASSES - 1)
