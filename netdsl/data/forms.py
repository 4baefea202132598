"""The ten forms of the `shapes` data: for each, how far a point lies outside it (negative inside).

Points are in the form's own units, x to the right and y up, the form about 2 wide and high. The values are distances
near the outline, which is all that smooth edges need.
"""

from collections.abc import Callable, Mapping
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Form = Callable[[Field, Field], Field]


def disk(x: Field, y: Field) -> Field:
    return np.hypot(x, y) - np.float32(1)


def ring(x: Field, y: Field) -> Field:
    return np.abs(np.hypot(x, y) - np.float32(0.74)) - np.float32(0.26)


def square(x: Field, y: Field) -> Field:
    distance: Field = np.maximum(np.abs(x), np.abs(y)) - np.float32(0.85)
    return distance


def triangle(x: Field, y: Field) -> Field:
    distance: Field = np.maximum(-y, np.float32(sqrt(3) / 2) * np.abs(x) + y / 2) - np.float32(0.5)
    return distance


def star(x: Field, y: Field) -> Field:
    """Five tips at distance 1, folded onto half a tip; the inner corners lie at 0.42."""
    inner_x, inner_y = 0.42 * cos(pi / 5), 0.42 * sin(pi / 5)
    length = sqrt((1 - inner_x) ** 2 + inner_y**2)
    angle = np.abs((np.arctan2(x, y) + np.float32(pi / 5)) % np.float32(2 * pi / 5) - np.float32(pi / 5))
    radius = np.hypot(x, y)
    along, across = radius * np.cos(angle) - 1, radius * np.sin(angle)
    distance: Field = along * np.float32(inner_y / length) + across * np.float32((1 - inner_x) / length)
    return distance


def cross(x: Field, y: Field) -> Field:
    distance: Field = np.minimum(_box(x, y, 0.33, 1), _box(x, y, 1, 0.33))
    return distance


def crescent(x: Field, y: Field) -> Field:
    distance: Field = np.maximum(disk(x, y), np.float32(0.82) - np.hypot(x - np.float32(0.5), y))
    return distance


def heart(x: Field, y: Field) -> Field:
    """Two disks of radius 0.52 and the wedge between their outer tangents from the tip at (0, -1)."""
    x = np.abs(x)
    lobe = np.hypot(x - np.float32(0.48), y - np.float32(0.38)) - np.float32(0.52)
    tangent = np.float32(0.7653) * x - np.float32(0.6431) * (y + 1)
    lid = (y - np.float32(0.0446) - np.float32(0.3) * (np.float32(0.878) - x)) / np.float32(sqrt(1.09))
    distance: Field = np.minimum(lobe, np.maximum(tangent, lid))
    return distance


def arrow(x: Field, y: Field) -> Field:
    head = np.maximum(-y, (np.abs(x) + np.float32(0.9) * (y - 1)) / np.float32(sqrt(1.81)))
    distance: Field = np.minimum(head, _box(x, y + np.float32(0.45), 0.27, 0.55))
    return distance


def hourglass(x: Field, y: Field) -> Field:
    waist = (np.abs(x) - np.float32(0.85) * np.abs(y) - np.float32(0.08)) / np.float32(sqrt(1 + 0.85**2))
    distance: Field = np.maximum(waist, np.abs(y) - np.float32(0.95))
    return distance


def _box(x: Field, y: Field, half_width: float, half_height: float) -> Field:
    distance: Field = np.maximum(np.abs(x) - np.float32(half_width), np.abs(y) - np.float32(half_height))
    return distance


FORMS: Mapping[str, Form] = {
    form.__name__: form for form in (disk, ring, square, triangle, star, cross, crescent, heart, arrow, hourglass)
}


def outline(form: Form) -> NDArray[np.float32]:
    """Points just inside the form's edge, points x 2: enough to find its extent at any turn."""
    axis = np.linspace(-1.3, 1.3, 521, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    distance = form(x, y)
    edge = (distance <= 0) & (distance > -0.012)
    return np.stack([x[edge], y[edge]], axis=1)
