"""One edition: a study, the layers it is drawn on, and the language it is told in."""

from dataclasses import dataclass

import pandas as pd

from geo.cartography.spec import MapText
from suanli.boundaries import Boundaries, Level
from suanli.data import Catalogue
from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.robustness.uncertainty import RankIntervals
from suanli.study import Study
from suanli.text import Text

__all__ = ["Edition"]

_FEW = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """Everything a publication is made of.

    Attributes
    ----------
    study : Study
        Scores and results.
    boundaries : Boundaries
        The layers.
    catalogue : Catalogue
        The data behind the scores.
    text : Text
        The words.
    approval_number : str
        审图号 the user has for these maps; empty when there is none.
    """

    study: Study
    boundaries: Boundaries
    catalogue: Catalogue
    text: Text
    approval_number: str = ""

    def scores(self, level: Level) -> Scores:
        """Return the scores of a level.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        Scores
            The evaluation, not the tested variant.
        """
        return self.study.province if level == "province" else self.study.city

    def ranks(self, level: Level) -> RankIntervals:
        """Return how far the ranks of a level can be trusted.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        RankIntervals
            Of the index and its dimensions.
        """
        return self.study.province_ranks if level == "province" else self.study.city_ranks

    def nodes(self, level: Level) -> tuple[str, ...]:
        """Return what is mapped of a level: the index and its dimensions.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        tuple[str, ...]
            ``"index"`` first.
        """
        return (ROOT, *self.scores(level).dimensions.columns)

    def node_name(self, level: Level, node: str) -> str:
        """Return what a node is called.

        Parameters
        ----------
        level : {"province", "city"}
            The level.
        node : str
            Identifier of a node.

        Returns
        -------
        str
            Its name in the language of the edition.
        """
        if node == ROOT:
            return self.text(f"maps.index_{level}")
        return self.text.of(self.scores(level).spec.names()[node].model_dump())

    def unit_names(self, level: Level, *, short: bool = False) -> pd.Series:
        """Return the names of all drawn units.

        Parameters
        ----------
        level : {"province", "city"}
            The level.
        short : bool
            Names without 省, 市 and the like, for labels; a city called like a province keeps
            the last character of its name (吉林市, 海南州).

        Returns
        -------
        pandas.Series
            Index ``code``.
        """
        own = "short_name" if short else "name"
        column = "name_en" if self.text.lang == "en" else own
        layer = self.boundaries.layer(level)
        names: pd.Series = layer[column]
        if level == "city" and column == "short_name":
            provinces = self.boundaries.province
            alike = names.isin(provinces[column]) & ~layer.index.isin(provinces.index)
            names = names.where(~alike, names + layer["name"].str[-1])
        return names

    def map_text(self) -> MapText:
        """Return the words every map needs.

        Returns
        -------
        MapText
            In the language of the edition.
        """
        keys = (
            "no_data", "not_evaluated", "class_range", "count", "layers", "legend",
            "search", "nothing_found", "reset", "leaders", "notes",
        )  # fmt: skip
        return MapText(
            lang=self.text("maps.lang_tag"),
            box_classes=tuple(self.text(f"figures.box_{place}") for place in range(6)),
            # Templates of the map keep their own placeholders.
            **{key: self.text(f"maps.{key}", lower="{lower}", upper="{upper}", count="{count}")
               for key in keys},
        )  # fmt: skip

    def boundary_source(self) -> str:
        """Return the line that says where the boundaries come from.

        Returns
        -------
        str
            The shipped source, or files of the user's own and the shipped one for the rest.
        """
        own = self.boundaries.own
        return self.text("layers.origin", files=", ".join(own)) if own else self.text("maps.source")

    def notes(self, *more: str) -> tuple[str, ...]:
        """Return the lines under a map: what is special to it, sources, legal notes.

        Parameters
        ----------
        *more : str
            Lines special to the map, first; empty ones are left out.

        Returns
        -------
        tuple[str, ...]
            In reading order.
        """
        if self.approval_number:
            legal = self.text("maps.approval", number=self.approval_number)
        else:
            legal = self.text("maps.no_approval")
        return (*(line for line in more if line), self.boundary_source(), legal)

    def tests_note(self) -> str:
        """Return the line that says what the tests were made with.

        Returns
        -------
        str
            Permutations, sides and seed.
        """
        settings = self.study.settings
        return self.text("maps.tests", permutations=settings.permutations, seed=settings.seed)

    def hub_tests_note(self) -> str:
        """Return the line that says what the tests of the hubs were made with.

        Returns
        -------
        str
            Redrawn sets, sides, strata and what was not corrected for.
        """
        settings = self.study.settings
        return self.text("maps.hub_tests", redraws=settings.redraws, seed=settings.seed)

    def tested_note(self, level: Level) -> str:
        """Return the line that says which scores the tests were made on.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        str
            Number of indicators kept, their names where they are few, and the names of
            those left out; empty when the profile leaves out none.
        """
        spec = self.scores(level).spec
        kept = [item for item in spec.indicator if item.inference == "kept"]
        excluded = [item for item in spec.indicator if item.inference == "excluded"]
        if not excluded:
            return ""
        mark = self.text("maps.list_mark")
        names = {
            key: mark.join(dict.fromkeys(self.text.of(item.name.model_dump()) for item in items))
            for key, items in (("kept_names", kept), ("excluded", excluded))
        }
        key = "maps.tested_note_names" if len(kept) <= _FEW else "maps.tested_note"
        return self.text(key, kept=len(kept), all=len(spec.indicator), **names)
