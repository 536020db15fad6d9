"""The app's two icons, drawn here: a roll of three lines, each with the shape and colour of a status.

Shapes are signed distances in a square of 32 units: inside is below zero, the edge within half a pixel of it.
"""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Colour = tuple[int, int, int]
Shape = Callable[[float, float], float]
_UNITS = 32.0
_WHITE: Colour = (255, 255, 255)
_GREEN: Colour = (116, 209, 140)
_AMBER: Colour = (255, 200, 87)
_RED: Colour = (255, 128, 128)
# Teams docs: app icons; the colour icon keeps its symbol in the middle, the outline icon has no padding.
COLOUR_SIDE, OUTLINE_SIDE = 192, 32
_COLOUR_ZOOM, _OUTLINE_ZOOM = 0.72, 1.0


@dataclass(frozen=True, slots=True)
class _Mark:
    shape: Shape
    colour: Colour


def colour_icon(background: str) -> bytes:
    """192 x 192 pixels on a plain background (`#RRGGBB`), as PNG."""
    red, green, blue = bytes.fromhex(background.removeprefix("#"))
    return _drawn(COLOUR_SIDE, _COLOUR_ZOOM, _marks(), (red, green, blue, 255))


def outline_icon() -> bytes:
    """32 x 32 pixels, white on nothing, as PNG."""
    white = [_Mark(mark.shape, _WHITE) for mark in _marks()]
    return _drawn(OUTLINE_SIDE, _OUTLINE_ZOOM, white, (*_WHITE, 0))


def _marks() -> list[_Mark]:
    signs = [
        _Mark(_circle(6.0, 6.0, 4.2), _GREEN),
        _Mark(_triangle(6.0, 17.0, 5.4), _AMBER),
        _Mark(_box(6.0, 26.0, 4.0, 4.0), _RED),
    ]
    return signs + [_Mark(_box(22.0, middle, 8.0, 2.0), _WHITE) for middle in (6.0, 16.0, 26.0)]


def _circle(x: float, y: float, radius: float) -> Shape:
    return lambda px, py: math.hypot(px - x, py - y) - radius


def _box(x: float, y: float, half_width: float, half_height: float) -> Shape:
    return lambda px, py: max(abs(px - x) - half_width, abs(py - y) - half_height)


def _triangle(x: float, y: float, size: float) -> Shape:
    """Pointing up; `size` from the middle to a corner."""
    lean = math.cos(math.pi / 6)

    def distance(px: float, py: float) -> float:
        return max(py - y, abs(px - x) * lean - (py - y) / 2) - size / 2

    return distance


def _drawn(side: int, zoom: float, marks: Sequence[_Mark], ground: tuple[int, int, int, int]) -> bytes:
    pixel = _UNITS / side / zoom
    edge = _UNITS / 2 - side / 2 * pixel
    places = [edge + (number + 0.5) * pixel for number in range(side)]
    rows = (b"".join(_pixel(x, y, pixel, marks, ground) for x in places) for y in places)
    return _png(side, b"".join(b"\0" + row for row in rows))


def _pixel(x: float, y: float, pixel: float, marks: Sequence[_Mark], ground: tuple[int, int, int, int]) -> bytes:
    red, green, blue, alpha = ground
    for mark in marks:
        share = min(max(0.5 - mark.shape(x, y) / pixel, 0.0), 1.0)
        if share:
            shown = [
                round(new * share + old * (1 - share)) for new, old in zip(mark.colour, (red, green, blue), strict=True)
            ]
            return bytes((*shown, max(alpha, round(255 * share))))
    return bytes((red, green, blue, alpha))


def _png(side: int, lines: bytes) -> bytes:
    # Eight bits for each of red, green, blue and opacity (PNG specification, 11.2.2).
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
