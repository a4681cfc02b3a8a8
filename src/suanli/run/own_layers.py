"""Boundary layers of one's own in a run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pydantic
from pydantic import Field

from suanli.boundaries import Boundaries, Level
from suanli.boundaries.replacing import with_layer
from suanli.errors import InputError, Problem
from suanli.intake.layers import LayerHow, read_layer

if TYPE_CHECKING:
    from suanli.run.config import RunConfig

__all__ = ["LayerFile", "own_boundaries", "with_layers"]


class LayerFile(pydantic.BaseModel):
    """A layer of one's own, and how it is to be read where it does not tell by itself.

    In a configuration a bare path is one, too.

    Attributes
    ----------
    file : pathlib.Path
        The file or folder.
    layer : str, optional
        Which one of several.
    code_column, name_column : str, optional
        Columns of codes and names.
    crs : str, optional
        Reference system, such as ``EPSG:4490``.
    encoding : str, optional
        Encoding of a shapefile's texts.
    swap_axes : bool
        Exchange longitude and latitude.
    datum : {"wgs84", "gcj02", "bd09"}, optional
        The offset to take off, or that there is none.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    file: Path
    layer: str | None = Field(default=None, min_length=1)
    code_column: str | None = Field(default=None, min_length=1)
    name_column: str | None = Field(default=None, min_length=1)
    crs: str | None = Field(default=None, min_length=1)
    encoding: str | None = Field(default=None, min_length=1)
    swap_axes: bool = False
    datum: Literal["wgs84", "gcj02", "bd09"] | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str | Path) else value

    def how(self) -> LayerHow:
        """Return how to read the file.

        Returns
        -------
        LayerHow
            For :func:`suanli.intake.layers.read_layer`.

        Examples
        --------
        >>> LayerFile(file=Path("a.shp"), crs="EPSG:4490").how().crs
        'EPSG:4490'
        """
        return LayerHow(**self.model_dump(exclude={"file"}))

    def parts(self) -> tuple[Path, ...]:
        """Return the files it consists of: a shapefile is several.

        Returns
        -------
        tuple[pathlib.Path, ...]
            Sorted.

        Examples
        --------
        >>> LayerFile(file=Path("a.gpkg")).parts() == (Path("a.gpkg"),)
        True
        """
        if self.file.is_dir():
            return tuple(sorted(path for path in self.file.rglob("*") if path.is_file()))
        if self.file.suffix.lower() == ".shp":
            beside = self.file.parent.glob(f"{self.file.stem}.*")
            return tuple(sorted(path for path in beside if path.is_file()))
        return (self.file,)


def own_boundaries(
    boundaries: Boundaries, layers: Mapping[Level, LayerFile | None]
) -> tuple[Boundaries, tuple[Path, ...], tuple[Problem, ...]]:
    """Put users' layers in the place of the shipped ones.

    Parameters
    ----------
    boundaries : Boundaries
        The shipped layers.
    layers : Mapping[{"province", "city"}, LayerFile or None]
        The users' layers by level.

    Returns
    -------
    Boundaries
        What the run works on.
    tuple[pathlib.Path, ...]
        Files read.
    tuple[Problem, ...]
        What was repaired or is worth knowing.

    Raises
    ------
    InputError
        All problems of all layers.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> shipped = load_boundaries()
    >>> own_boundaries(shipped, {"city": None})[0] is shipped
    True
    """
    problems: list[Problem] = []
    notes: list[Problem] = []
    files: list[Path] = []
    result = replace(boundaries) if any(layers.values()) else boundaries
    for level, given in layers.items():
        if given is None:
            continue
        files += given.parts()
        own = read_layer(given.file, level=level, how=given.how(), boundaries=boundaries)
        notes += [finding.problem() for finding in own.ledger.of("warn", "fix")]
        try:
            own.ledger.raise_errors()
            result, more = with_layer(result, level, own.frame, name=given.file.name)
            notes += more
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return result, tuple(files), tuple(notes)


def with_layers(config: "RunConfig", **layers: Path | None) -> "RunConfig":
    """Return a configuration with layers named on the command line.

    Parameters
    ----------
    config : RunConfig
        What the file says.
    **layers : pathlib.Path or None
        Files by level; None leaves what is there.

    Returns
    -------
    RunConfig
        The configuration.

    Examples
    --------
    >>> from suanli.run import RunConfig
    >>> with_layers(RunConfig(), city=Path("a.gpkg")).city.layer.file.name
    'a.gpkg'
    """
    changes = {
        level: getattr(config, level).model_copy(update={"layer": LayerFile(file=path)})
        for level, path in layers.items()
        if path is not None
    }
    return config.model_copy(update=changes)
