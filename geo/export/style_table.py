"""Styles inside a GeoPackage, where QGIS looks for them."""

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.export.qml import qml
from geo.export.sld import sld
from geo.export.style import LayerStyle, PlainStyle

__all__ = ["STYLE_TABLE", "style_table"]

STYLE_TABLE = "layer_styles"
"""Name of the table by which QGIS finds styles."""

# Any fixed date: the bytes must not depend on the clock.
_DATE = "2000-01-01T00:00:00Z"


def style_table(
    styles: Mapping[str, Sequence[LayerStyle | PlainStyle]], *, geometry: str = "geom"
) -> pd.DataFrame:
    """Return the table of styles; the first of a layer is the one it opens with.

    Parameters
    ----------
    styles : Mapping[str, Sequence[LayerStyle or PlainStyle]]
        Styles by name of the layer.
    geometry : str, default "geom"
        Name of the layers' column of geometries.

    Returns
    -------
    pandas.DataFrame
        One row per style, with QML and SLD, in the columns that QGIS reads.

    Examples
    --------
    >>> style = LayerStyle(name="index", title="Index", column="index", rules=())
    >>> style_table({"city": [style]}).loc[0, ["f_table_name", "styleName"]].to_list()
    ['city', 'Index']
    """
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": layer,
            "f_geometry_column": geometry,
            "styleName": style.title,
            "styleQML": qml(style),
            "styleSLD": sld(style),
            "useAsDefault": place == 0,
            "description": style.name,
            "owner": "",
            "ui": "",
            "update_time": _DATE,
        }
        for layer, each in styles.items()
        for place, style in enumerate(each)
    ]
    return pd.DataFrame(rows)
