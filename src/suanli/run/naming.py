"""What things of an evaluation are called in the language of the reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.run.figuring import MISSING, seen, unit_text
from suanli.text import Text

__all__ = ["Naming"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Naming:
    """Names of the nodes and units of one evaluation, and tables put into words.

    Attributes
    ----------
    scores : Scores
        The evaluation; the later one where years are compared.
    layer : pandas.DataFrame
        Names of units, index ``code``.
    text : Text
        The language.
    """

    scores: Scores
    layer: pd.DataFrame
    text: Text

    @property
    def unit_names(self) -> pd.Series:
        """Names of the units, short ones in Chinese.

        Returns
        -------
        pandas.Series
            By code.
        """
        return self.layer["name_en" if self.text.lang == "en" else "short_name"]

    def unit_name(self, code: str) -> str:
        """Return the name of a unit.

        Parameters
        ----------
        code : str
            Its code.

        Returns
        -------
        str
            The name.
        """
        return str(self.unit_names[code])

    def word(self, key: str) -> str:
        """Return a word of the catalogue of diagnostics.

        Parameters
        ----------
        key : str
            Its key.

        Returns
        -------
        str
            The word.
        """
        return self.text(f"diagnostics.word.{key}")

    def name(self, node: str) -> str:
        """Return the name of the index, a dimension or an indicator.

        Parameters
        ----------
        node : str
            Its identifier.

        Returns
        -------
        str
            The name.
        """
        if node == ROOT:
            return self.text(f"maps.index_{self.scores.spec.level}")
        return self.text.of(self.scores.spec.names()[node].model_dump())

    def indicators(self, names: Iterable[str]) -> list[str]:
        """Return the names of indicators with their units of measurement.

        Parameters
        ----------
        names : Iterable[str]
            Identifiers.

        Returns
        -------
        list[str]
            Names; without a unit where it is 1, which says nothing.
        """
        units = {item.id: unit_text(item.unit, self.text) for item in self.scores.spec.indicator}
        return [
            self.name(name)
            if units[name] == "1"
            else self.text("diagnostics.word.in_unit", name=self.name(name), unit=units[name])
            for name in names
        ]

    def places(self, table: pd.DataFrame) -> list[str]:
        """Write ranks with the number of units ranked.

        Parameters
        ----------
        table : pandas.DataFrame
            Columns ``rank`` and ``n``.

        Returns
        -------
        list[str]
            Such as ``3/31``.
        """
        pairs = zip(table["rank"], table["n"], strict=True)
        return [MISSING if pd.isna(rank) else f"{rank:g}/{n:.0f}" for rank, n in pairs]

    def worded(self, columns: Mapping[str, Any]) -> pd.DataFrame:
        """Make a table whose columns are called by words.

        Parameters
        ----------
        columns : Mapping[str, Any]
            Cells by key of the word.

        Returns
        -------
        pandas.DataFrame
            The table.
        """
        return pd.DataFrame({self.word(key): list(cells) for key, cells in columns.items()})

    def titled(self, shown: Mapping[str, pd.DataFrame], **params: Any) -> dict[str, pd.DataFrame]:
        """Call tables by their titles.

        Parameters
        ----------
        shown : Mapping[str, pandas.DataFrame]
            Tables by key of the title.
        **params : Any
            Values of the titles.

        Returns
        -------
        dict[str, pandas.DataFrame]
            Tables by title; no number prints as a negative zero.
        """
        titles = {key: self.text(f"diagnostics.title.{key}", **params) for key in shown}
        return {titles[key]: seen(table) for key, table in shown.items()}
