"""How a layer is to be drawn by other programs, apart from any of their formats."""

from dataclasses import dataclass, field

import pandas as pd

from geo.cartography.spec import LegendEntry, Theme
from geo.errors import ExportError

__all__ = [
    "Above",
    "Among",
    "Condition",
    "LayerStyle",
    "Missing",
    "PlainStyle",
    "StyleRule",
    "style_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """Numbers over one limit and up to another.

    Attributes
    ----------
    low : float or None
        Numbers are greater than it; None where there is no lower limit.
    high : float or None
        Numbers are not greater than it; None where there is no upper limit.
    """

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """One of several values.

    Attributes
    ----------
    values : tuple[str or int, ...]
        The values.
    """

    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """No value.

    Attributes
    ----------
    flag : str
        A column of truth values that is asked too; nothing for none.
    holds : bool
        What it must say.
    """

    flag: str = ""
    holds: bool = True


Condition = Above | Among | Missing
"""What the value of a column must be like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRule:
    """One line of a legend with the features it stands for.

    Attributes
    ----------
    label : str
        What it means.
    colour : str
        ``#rrggbb``.
    condition : Condition
        Which features.
    hatch : bool
        Whether diagonal lines lie over the colour.
    """

    label: str
    colour: str
    condition: Condition
    hatch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerStyle:
    """How a layer of polygons is to be drawn.

    Attributes
    ----------
    name : str
        Identifier, ASCII.
    title : str
        What to show.
    column : str
        The column that is drawn.
    rules : tuple[StyleRule, ...]
        In the order of the legend.
    outline : str
        Colour of borders, ``#rrggbb``.
    width : float
        Width of borders in millimetres.
    """

    name: str
    title: str
    column: str
    rules: tuple[StyleRule, ...]
    outline: str = field(default="#7d878f")
    width: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainStyle:
    """One look for all features of a layer.

    Attributes
    ----------
    name : str
        Identifier, ASCII.
    title : str
        What to show.
    look : {"Polygon", "Line", "Point", "Ring"}
        See :func:`geo.export.qml.plain_renderer`.
    label : str
        Column written beside points; nothing for none.
    """

    name: str
    title: str
    look: str
    label: str = ""


def style_of(
    theme: Theme,
    column: pd.Series,
    *,
    name: str,
    title: str = "",
    flag: pd.Series | None = None,
) -> LayerStyle:
    """Turn a theme into a style by the column that is exported.

    Parameters
    ----------
    theme : Theme
        Legend and membership.
    column : pandas.Series
        The exported values by unit code; its name is the column's. Numbers in classes, or
        texts and whole numbers in categories.
    name : str
        Identifier of the style.
    title : str, optional
        What to show for it; the title of the theme's legend by default.
    flag : pandas.Series, optional
        A column of truth values by unit code that tells units without a value apart.

    Returns
    -------
    LayerStyle
        A rule for every entry that has units. Drawn by it, every unit looks as on the map.

    Raises
    ------
    ExportError
        ``export.style``: the entries cannot be told apart by the column.

    Examples
    --------
    >>> entries = tuple(LegendEntry(label=x, colour="#aabbcc", count=1) for x in ("high", "low"))
    >>> theme = Theme(entries=entries, membership=pd.Series({"a": 0, "b": 1}), legend_title="s")
    >>> style = style_of(theme, pd.Series({"a": 9.5, "b": 2.5}, name="index"), name="index")
    >>> [(rule.label, rule.condition) for rule in style.rules]
    [('high (1)', Above(low=2.5, high=None)), ('low (1)', Above(low=None, high=2.5))]
    """
    values = column.reindex(theme.membership.index)
    held = {place: values[theme.membership == place] for place in range(len(theme.entries))}
    known = {place: part for place, part in held.items() if len(part) and part.notna().all()}
    conditions: dict[int, Condition] = (
        _classes(known) if pd.api.types.is_float_dtype(values) else _categories(known)
    )
    for place, part in held.items():
        if len(part) and part.isna().all():
            conditions[place] = _missing(part, flag)
        elif place not in conditions and len(part):
            raise _unclear(name, theme.entries[place].label)
    rules = tuple(_rule(theme.entries[place], conditions[place]) for place in sorted(conditions))
    style = LayerStyle(
        name=name, title=title or theme.legend_title or name, column=str(column.name), rules=rules
    )
    if len(set(conditions.values())) < len(conditions):
        raise _unclear(name, style.title)
    return style


def _rule(entry: LegendEntry, condition: Condition) -> StyleRule:
    label = f"{entry.label} ({entry.count})" if entry.count else entry.label
    return StyleRule(label=label, colour=entry.colour, condition=condition, hatch=bool(entry.hatch))


def _classes(held: dict[int, pd.Series]) -> dict[int, Condition]:
    """Return limits without gaps, so that a number that is edited later still has a class."""
    order = sorted(held, key=lambda place: float(held[place].max()))
    tops = [float(held[place].max()) for place in order]
    bottoms = [float(held[place].min()) for place in order]
    if any(low <= top for low, top in zip(bottoms[1:], tops[:-1], strict=True)):
        return {}
    lows = [None, *tops[:-1]]
    highs = [*tops[:-1], None]
    return {
        place: Above(low=low, high=high)
        for place, low, high in zip(order, lows, highs, strict=True)
    }


def _categories(held: dict[int, pd.Series]) -> dict[int, Condition]:
    return {
        place: Among(values=tuple(sorted({v if isinstance(v, str) else int(v) for v in part})))
        for place, part in held.items()
    }


def _missing(part: pd.Series, flag: pd.Series | None) -> Condition:
    if flag is None:
        return Missing()
    said = set(flag.reindex(part.index).astype(bool))
    return Missing(flag=str(flag.name), holds=said.pop()) if len(said) == 1 else Missing()


def _unclear(name: str, label: str) -> ExportError:
    return ExportError(
        f"the style {name} cannot be written: its column does not tell the units of {label!r} "
        "from others; export the column that was drawn",
        code="export.style",
        style=name,
        label=label,
    )
