"""Colour distances, measured under simulated colour-blindness."""

import itertools

import numpy as np
import pytest

from geo.cartography import palette
from geo.errors import CartographyError

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = TO_XYZ.sum(axis=1)


def lab(colour: str, sight: str) -> np.ndarray:
    code = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / WHITE
    cube = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


def least_distance(colours, sight: str) -> float:
    pairs = itertools.combinations([lab(colour, sight) for colour in colours], 2)
    return min(float(np.linalg.norm(a - b)) for a, b in pairs)


def categories(group) -> list[str]:
    return [category.colour for category in group.values()]


SETS = {
    "LISA": categories(palette.LISA),
    "HOT_COLD": categories(palette.HOT_COLD),
    "RINGS": palette.RINGS,
    "SIGNIFICANCE": [look.colour for key, look in palette.SIGNIFICANCE.items() if key != "isolate"],
    "BIVARIATE": palette.BIVARIATE,
    **palette.DIVERGING,
} | {f"{name}-{k}": palette.sequential(name, k) for name in palette.SEQUENTIAL for k in (3, 4, 5)}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", SETS)
def test_colours_stay_apart(name, sight):
    assert least_distance(SETS[name], sight) >= 15


def test_the_measure_refuses_a_bad_palette():
    """RdYlGn-5, common in reports: red and green meet for deutan eyes."""
    bad = ["#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641"]
    assert least_distance(bad, "deutan") < 15


@pytest.mark.parametrize("k", [3, 4, 5])
@pytest.mark.parametrize("name", palette.SEQUENTIAL)
def test_sequential_palettes_print_in_grey(name, k):
    lightness = [lab(colour, "normal")[0] for colour in palette.sequential(name, k)]
    assert all(high - low >= 10 for high, low in itertools.pairwise(lightness))


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("name", palette.SEQUENTIAL)
def test_sequential_sizes(name, k):
    colours = palette.sequential(name, k)
    assert len(set(colours)) == k
    lightness = [lab(colour, "normal")[0] for colour in colours]
    assert lightness == sorted(lightness, reverse=True)


def test_categories_without_enough_lightness_carry_a_letter():
    for group in (palette.LISA, palette.HOT_COLD):
        marks = [category.mark for category in group.values() if category.mark]
        assert len(set(marks)) == len(marks) == len(group) - 2
        assert not group["isolate"].mark


@pytest.mark.parametrize(("name", "k"), [("RdYlGn", 5), ("YlGnBu", 8), ("YlGnBu", 0)])
def test_unknown_palette(name, k):
    with pytest.raises(CartographyError) as caught:
        palette.sequential(name, k)
    assert caught.value.code == "cartography.palette"


def test_two_variables_darken_together():
    """In grey print a unit high in both is darkest, and each variable darkens its row."""
    light = np.array([lab(colour, "normal")[0] for colour in palette.BIVARIATE]).reshape(3, 3)
    assert (np.diff(light, axis=0) < -5).all()
    assert (np.diff(light, axis=1) < -5).all()


def test_diverging_palettes_are_lightest_in_the_middle():
    for colours in palette.DIVERGING.values():
        light = [lab(colour, "normal")[0] for colour in colours]
        assert light[:3] == sorted(light[:3])
        assert light[3:] == sorted(light[3:], reverse=True)
        assert min(light[2], light[3]) > max(light[1], light[4]) + 10


@pytest.mark.parametrize(
    ("name", "k", "code"),
    [("BuRd", 5, "cartography.palette_middle"), ("RdYlGn", 6, "cartography.palette")],
)
def test_a_palette_with_a_middle_has_six_colours(name, k, code):
    with pytest.raises(CartographyError) as caught:
        palette.graded(name, k)
    assert caught.value.code == code
