"""Conclusions in words: identifiers among their figures get their names."""

from collections.abc import Mapping

from suanli.analysis.conclusion import Conclusion
from suanli.analysis.hub_conclusion import NAMED_BY
from suanli.data import Catalogue
from suanli.profile import IndexSpec
from suanli.text import Text

__all__ = ["node_names", "worded"]


def worded(said: Conclusion, text: Text, names: Mapping[str, str]) -> str:
    """Put a conclusion into words.

    Parameters
    ----------
    said : Conclusion
        Key and figures; identifiers among them get their names.
    text : Text
        The language.
    names : Mapping[str, str]
        Names of nodes, indicators and units by identifier.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> said = Conclusion(key="hubs.event_before", params={"outcome": "telecom_revenue",
    ...                   "ring": 1, "p": "0.01", "alpha": 0.05})
    >>> worded(said, Text("en"), {})[:40]
    'Telecom revenue, neighbours of hub citie'
    """
    params = dict(said.params)
    for name in params.keys() & NAMED_BY.keys():
        params[name] = text(NAMED_BY[name].format(params[name]))
    if "definition" in params:
        params["definition"] = text(f"analysis.definition_{params['definition']}")
    for name in params.keys() & {"node", "series", "unit"}:
        params[name] = names.get(str(params[name]), str(params[name]))
    return text(said.key, **params)


def node_names(catalogue: Catalogue, spec: IndexSpec, text: Text) -> dict[str, str]:
    """Return the names of nodes and indicators of a level by identifier.

    Parameters
    ----------
    catalogue : Catalogue
        The shipped indicators.
    spec : IndexSpec
        The profile.
    text : Text
        The language.

    Returns
    -------
    dict[str, str]
        Names of the profile before those of the catalogue.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> names = node_names(load_catalogue(), load_profile("city-compute"), Text("en"))
    >>> names["index"], names["latency_to_hub"]
    ('City computing power', 'Latency to the nearest hub start area')
    """
    own = catalogue.indicators
    own = own[own["level"] == spec.level].set_index("indicator")
    names = {str(code): str(name) for code, name in own[f"name_{text.lang}"].items()}
    for node, name in spec.names().items():
        names[node] = text.of(name.model_dump())
    return names | {"index": text(f"maps.index_{spec.level}")}
