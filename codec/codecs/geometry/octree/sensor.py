"""The sensor of a spinning laser scan: where it stands, its beams, its steps of azimuth; and its bytes.

docs/octree-codec.md specifies them. Lengths count in sixteenths of a voxel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from octavox.codec.coding.angles import TURN
from octavox.codec.coding.bytes import ByteReader, u32, varint, zigzag

LENGTH_BITS = 4  # lengths count in 2**-4 voxel
SLOPE_BITS = 20  # slopes in 2**-20
START_BITS = 8  # of the direction in which a turn begins
MOST_BEAMS = 255
MOST_PLACE, MOST_DRIFT, MOST_SIDE = 1 << 27, 1 << 24, 1 << 16
MOST_SLOPE = 1 << 23
LEAST_STEP, MOST_STEP = 1 << 16, TURN >> 3


class Beam(NamedTuple):
    """A beam's points lie `height` + `slope` times their distance from the axis high; slope in 2**-20.

    side: how far it passes by the axis, against the clock.
    """

    slope: int
    height: int
    side: int


@dataclass(frozen=True)
class Sensor:
    """x, y: of the axis. drift: how far it moves in a turn, in x and y. start: direction in which a turn
    begins, of 256. step: of the azimuth between two shots, in 2**-32 turn; 0 if it is not regular.
    beams: by rising slope.
    """

    x: int
    y: int
    drift: tuple[int, int]
    start: int
    step: int
    beams: tuple[Beam, ...]

    @property
    def valid(self) -> bool:
        """Whether a stream may have it: no number of the loop overflows then."""
        last = -MOST_SLOPE
        for beam in self.beams:
            if not last <= beam.slope <= MOST_SLOPE or abs(beam.height) > MOST_PLACE:
                return False
            if abs(beam.side) > MOST_SIDE:
                return False
            last = beam.slope
        return (
            1 <= len(self.beams) <= MOST_BEAMS
            and max(abs(self.x), abs(self.y)) <= MOST_PLACE
            and max(abs(self.drift[0]), abs(self.drift[1])) <= MOST_DRIFT
            and 0 <= self.start < 1 << START_BITS
            and (self.step == 0 or LEAST_STEP <= self.step <= MOST_STEP)
        )

    def to_bytes(self) -> bytes:
        """What a slice begins with."""
        out = zigzag(self.x) + zigzag(self.y) + zigzag(self.drift[0]) + zigzag(self.drift[1])
        out += bytes([self.start]) + u32(self.step) + bytes([len(self.beams)])
        slope, height = -MOST_SLOPE, 0
        for beam in self.beams:
            out += varint(beam.slope - slope) + zigzag(beam.height - height) + zigzag(beam.side)
            slope, height = beam.slope, beam.height
        return out


def read_sensor(payload: bytes, field: str) -> tuple[Sensor, int]:
    """The sensor that a slice begins with, and its bytes. Raises CorruptStreamError. field: of the slice."""
    reader = ByteReader(payload)
    x, y = reader.zigzag(field), reader.zigzag(field)
    drift = reader.zigzag(field), reader.zigzag(field)
    start, step, count = reader.u8(field), reader.u32(field), reader.u8(field)
    beams, slope, height = [], -MOST_SLOPE, 0
    for _ in range(count):
        slope += reader.varint(field, 2 * MOST_SLOPE)
        height += reader.zigzag(field)
        beams.append(Beam(slope, height, reader.zigzag(field)))
    sensor = Sensor(x, y, drift, start, step, tuple(beams))
    if not sensor.valid:
        raise reader.fault("numbers of the sensor are out of range", field, 0)
    return sensor, reader.position
