"""Colours that survive colour-blindness and the office's grey printer.

Every palette here is measured in the tests: the least CIE76 distance between two of its colours
is at least 15 in normal sight and under severe deuteranopia, protanopia and tritanopia (Machado,
Oliveira and Fernandes 2009); neighbours of a sequential palette of up to five classes are at
least 10 apart in lightness. Red-yellow-green is absent because it fails.
"""

from dataclasses import dataclass

from geo.errors import CartographyError

__all__ = [
    "BIVARIATE",
    "DIVERGING",
    "HOT_COLD",
    "LISA",
    "NOT_EVALUATED",
    "NO_DATA",
    "RINGS",
    "SEQUENTIAL",
    "SIGNIFICANCE",
    "Category",
    "graded",
    "sequential",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """How a category is drawn.

    Attributes
    ----------
    colour : str
        ``#rrggbb``.
    mark : str
        One or two letters that tell the category in grey print; may be empty.
    hatch : str
        Empty, or ``"/"`` for diagonal lines.
    """

    colour: str
    mark: str = ""
    hatch: str = ""


#: Units without a value: hatched, so that they never read as the lowest class.
NO_DATA = Category(colour="#f2f2f2", hatch="/")
#: Units that are drawn but were never part of the evaluation.
NOT_EVALUATED = Category(colour="#c9ced2")

#: Clusters of local Moran in the colours of GeoDa, with letters for grey print.
LISA: dict[str, Category] = {
    "HH": Category(colour="#ff0000", mark="HH"),
    "LL": Category(colour="#0000ff", mark="LL"),
    "LH": Category(colour="#a7adf9", mark="LH"),
    "HL": Category(colour="#f4ada8", mark="HL"),
    "ns": Category(colour="#eeeeee"),
    "isolate": Category(colour="#777777"),
}

#: Hot and cold spots of Getis-Ord Gi*, strong and weak evidence.
HOT_COLD: dict[str, Category] = {
    "hot_strong": Category(colour="#b2182b", mark="H"),
    "hot": Category(colour="#f4a582", mark="h"),
    "ns": Category(colour="#eeeeee"),
    "cold": Category(colour="#92c5de", mark="c"),
    "cold_strong": Category(colour="#2166ac", mark="C"),
    "isolate": Category(colour="#777777"),
}

#: Rings around a set of units: the set itself, then first to third neighbours, then the rest.
RINGS: tuple[str, ...] = ("#54278f", "#807dba", "#9ebcda", "#fdd49e", "#f7f7f7")

#: Strength of evidence, in the greens GeoDa uses for it; ColorBrewer's Greens.
SIGNIFICANCE: dict[str, Category] = {
    "p001": Category(colour="#238b45"),
    "p01": Category(colour="#74c476"),
    "p05": Category(colour="#bae4b3"),
    "ns": Category(colour="#eeeeee"),
    "isolate": Category(colour="#777777"),
}

#: Two variables of three classes each: entry ``3 * i + j`` is class i of the first, which turns
#: blue, and j of the second, which turns orange; high in both is darkest. Mixed in sRGB from the
#: colours of the four corners.
BIVARIATE: tuple[str, ...] = (
    "#f1f0e6", "#f2bf88", "#f28e2b",
    "#8eb5d0", "#92877f", "#96582f",
    "#2a7ab9", "#334e76", "#3b2333",
)  # fmt: skip

#: Palettes with a middle, low to high, for the six classes of a box map; ColorBrewer's RdBu and
#: PuOr, turned round.
DIVERGING: dict[str, tuple[str, ...]] = {
    "BuRd": ("#2166ac", "#67a9cf", "#d1e5f0", "#fddbc7", "#ef8a62", "#b2182b"),
    "PuOr": ("#542788", "#998ec3", "#d8daeb", "#fee0b6", "#f1a340", "#b35806"),
}

# ColorBrewer 2.0 by Cynthia Brewer (Apache-2.0), and viridis (CC0), light to dark.
SEQUENTIAL: dict[str, dict[int, tuple[str, ...]]] = {
    "YlGnBu": {
        2: ("#edf8b1", "#2c7fb8"),
        3: ("#edf8b1", "#7fcdbb", "#2c7fb8"),
        4: ("#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"),
        5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
        6: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"),
        7: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"),
    },
    "YlOrBr": {
        2: ("#fff7bc", "#d95f0e"),
        3: ("#fff7bc", "#fec44f", "#d95f0e"),
        4: ("#ffffd4", "#fed98e", "#fe9929", "#cc4c02"),
        5: ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404"),
        6: ("#ffffd4", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404"),
        7: ("#ffffd4", "#fee391", "#fec44f", "#fe9929", "#ec7014", "#cc4c02", "#8c2d04"),
    },
    "PuRd": {
        2: ("#e7e1ef", "#dd1c77"),
        3: ("#e7e1ef", "#c994c7", "#dd1c77"),
        4: ("#f1eef6", "#d7b5d8", "#df65b0", "#ce1256"),
        5: ("#f1eef6", "#d7b5d8", "#df65b0", "#dd1c77", "#980043"),
        6: ("#f1eef6", "#d4b9da", "#c994c7", "#df65b0", "#dd1c77", "#980043"),
        7: ("#f1eef6", "#d4b9da", "#c994c7", "#df65b0", "#e7298a", "#ce1256", "#91003f"),
    },
    "viridis": {
        2: ("#fde725", "#21918c"),
        3: ("#fde725", "#21918c", "#440154"),
        4: ("#fde725", "#35b779", "#31688e", "#440154"),
        5: ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154"),
        6: ("#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154"),
        7: ("#fde725", "#90d743", "#35b779", "#21918c", "#31688e", "#443983", "#440154"),
    },
}


def sequential(name: str = "YlGnBu", k: int = 5) -> tuple[str, ...]:
    """Return ``k`` colours of a sequential palette, low to high.

    Parameters
    ----------
    name : {"YlGnBu", "YlOrBr", "PuRd", "viridis"}
        Name of the palette.
    k : int
        Number of colours, 1 to 7.

    Returns
    -------
    tuple[str, ...]
        Colours as ``#rrggbb``.

    Raises
    ------
    CartographyError
        ``cartography.palette``: no such palette, or not that many colours.

    Examples
    --------
    >>> sequential("YlGnBu", 3)
    ('#edf8b1', '#7fcdbb', '#2c7fb8')
    """
    sizes = SEQUENTIAL.get(name)
    # One class alone takes the middle of three, which reads neither as low nor as high.
    if sizes is not None and k == 1:
        return sizes[3][1:2]
    if sizes is None or k not in sizes:
        raise CartographyError(
            f"no palette {name!r} of {k} colours; there are {', '.join(SEQUENTIAL)} of 1 to 7",
            code="cartography.palette",
            name=name,
            k=k,
            expected=list(SEQUENTIAL),
        )
    return sizes[k]


def graded(name: str, k: int) -> tuple[str, ...]:
    """Return ``k`` colours of a sequential or a diverging palette, low to high.

    Parameters
    ----------
    name : str
        Name of the palette: one of :data:`SEQUENTIAL` or :data:`DIVERGING`.
    k : int
        Number of colours; 6 for a diverging palette.

    Returns
    -------
    tuple[str, ...]
        Colours as ``#rrggbb``.

    Raises
    ------
    CartographyError
        ``cartography.palette`` or ``cartography.palette_middle``: no such palette, or not of
        that many colours.

    Examples
    --------
    >>> graded("BuRd", 6)[0], graded("viridis", 2)[1]
    ('#2166ac', '#21918c')
    """
    found = DIVERGING.get(name)
    if found is None:
        return sequential(name, k)
    if len(found) != k:
        raise CartographyError(
            f"the palette {name} has a middle and {len(found)} colours, not {k}: take it for a "
            "box map",
            code="cartography.palette_middle",
            name=name,
            k=k,
            expected=len(found),
        )
    return found
