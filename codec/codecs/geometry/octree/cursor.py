"""The order of coding within a level: the place that the loop has reached, and the next one.

A level is coded plane by plane (the nodes of one x). Each plane is passed twice: for the children of lower
and of higher x. In a plane the loop goes row by row (the nodes of one y). Each row is passed twice: for the
children of lower and of higher y. A visit is one node in such a pass: its two children that differ in z.
"""

from __future__ import annotations

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.coding.kernels.jit import Int, njit

from .levels import X_SHIFT, Y_SHIFT

# The bounds of the plane and of the row in it, the node; the halves that are coded; children found so far.
PLANE, PLANE_END, ROW, ROW_END, NODE, X_BIT, Y_BIT, CHILDREN = range(8)
CURSOR_WORDS = 8
VISITS_PER_NODE = 4


@njit
def _end_of(key: CodeArray, start: Int, shift: Int) -> Int:
    """End of the run of nodes that share the upper part of their key with node `start`."""
    end = start + 1
    while end < key.size and key[end] >> shift == key[start] >> shift:
        end += 1
    return end


@njit
def start_walk(cursor: Int64Array, key: CodeArray) -> None:
    """Sets the cursor to the first node of a level."""
    cursor[:] = 0
    cursor[PLANE_END] = _end_of(key, 0, X_SHIFT)
    cursor[ROW_END] = _end_of(key, 0, Y_SHIFT)


@njit
def next_row(cursor: Int64Array, key: CodeArray) -> bool:
    """Moves the cursor from the end of a row to the next pass or row. False at the end of the level."""
    if cursor[Y_BIT] == 0:
        cursor[Y_BIT] = 1
        cursor[NODE] = cursor[ROW]
        return True
    cursor[Y_BIT] = 0
    cursor[ROW] = cursor[ROW_END]
    if cursor[ROW] == cursor[PLANE_END]:
        if cursor[X_BIT] == 0:
            cursor[X_BIT] = 1
            cursor[ROW] = cursor[PLANE]
        else:
            cursor[X_BIT] = 0
            cursor[PLANE] = cursor[PLANE_END]
            cursor[ROW] = cursor[PLANE]
            if cursor[PLANE] == key.size:
                return False
            cursor[PLANE_END] = _end_of(key, cursor[PLANE], X_SHIFT)
    cursor[ROW_END] = _end_of(key, cursor[ROW], Y_SHIFT)
    cursor[NODE] = cursor[ROW]
    return True


@njit
def last_node(cursor: Int64Array, key: CodeArray, visits: Int) -> Int:
    """The last node of the next `visits` visits, at least one."""
    last: Int
    x, y, row, end, node = cursor[X_BIT], cursor[Y_BIT], cursor[ROW], cursor[ROW_END], cursor[NODE]
    plane, plane_end, last = cursor[PLANE], cursor[PLANE_END], node
    while True:
        last = max(last, min(end, node + visits) - 1)
        visits -= end - node
        if visits <= 0:
            return last
        if y == 0:
            y, node = 1, row
            continue
        y = 0
        if end < plane_end:
            row = end
        elif x == 0:
            x, row = 1, plane
        else:
            x, row, plane = 0, plane_end, plane_end
            if plane == key.size:
                return last
            plane_end = _end_of(key, plane, X_SHIFT)
        end, node = _end_of(key, row, Y_SHIFT), row
