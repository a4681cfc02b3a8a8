"""What a run is told: profiles, extra data, language, seed, where to write."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pydantic
from pydantic import Field

from suanli.errors import (
    InputError,
    Problem,
    os_reason,
    parse_toml,
    refuse_steering,
    toml_reason,
    value_reason,
)
from suanli.intake import Given, How
from suanli.run.own_layers import LayerFile
from suanli.text import Language

__all__ = ["DEFAULT_SEED", "DataFile", "LevelConfig", "RunConfig", "data_files", "load_config"]

DEFAULT_SEED: Final = 20241018
"""Seed of a run that names none."""


class DataFile(pydantic.BaseModel):
    """A table of one's own, and how it is to be read where it does not tell by itself.

    In a configuration a bare path is one, too.

    Attributes
    ----------
    file : pathlib.Path
        The file.
    encoding : str, optional
        Encoding of a text file.
    sheet : str, optional
        The sheet of a spreadsheet.
    indicator : str
        Identifier of the indicator of a table that names none.
    unit : str
        Its unit of measurement.
    year : int, optional
        The year of a table that names none.
    censored : bool
        Whether bounds, ranges and estimates are taken for numbers.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
    _plain = pydantic.field_validator("*", mode="before")(refuse_steering)

    file: Path
    encoding: str | None = Field(default=None, min_length=1)
    sheet: str | None = Field(default=None, min_length=1)
    indicator: str = ""
    unit: str = ""
    year: int | None = Field(default=None, ge=1949, le=2100)
    censored: bool = False

    @pydantic.model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str | Path) else value

    @classmethod
    def of(cls, item: "DataFile | Path") -> "DataFile":
        """Return a file, of which nothing is said if it is a path.

        Parameters
        ----------
        item : DataFile or pathlib.Path
            The file.

        Returns
        -------
        DataFile
            The file.

        Examples
        --------
        >>> DataFile.of(Path("a.csv")).file.name
        'a.csv'
        """
        return item if isinstance(item, DataFile) else cls(file=item)

    def how(self, *, strict: bool = False) -> How:
        """Return how to read the file.

        Parameters
        ----------
        strict : bool, default False
            Whether warnings refuse it.

        Returns
        -------
        How
            For :func:`suanli.intake.read_file`.

        Examples
        --------
        >>> DataFile(file=Path("a.xlsx"), sheet="Data").how().sheet
        'Data'
        """
        given = Given(indicator=self.indicator, unit=self.unit, year=self.year)
        return How(
            encoding=self.encoding,
            sheet=self.sheet,
            given=given,
            censored=self.censored,
            strict=strict,
        )


class LevelConfig(pydantic.BaseModel):
    """What one level is evaluated with.

    Attributes
    ----------
    profile : str
        Name of a shipped profile, or path of a TOML file.
    data : tuple[DataFile, ...]
        Tables whose values replace the shipped ones.
    layer : LayerFile, optional
        Boundaries of one's own in place of the shipped ones.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
    _plain = pydantic.field_validator("*", mode="before")(refuse_steering)

    profile: str
    data: tuple[DataFile, ...] = ()
    layer: LayerFile | None = None


class RunConfig(pydantic.BaseModel):
    """Everything a run can be told.

    Attributes
    ----------
    lang : {"zh", "en"}
        Language of what is written and printed.
    out : pathlib.Path
        Folder of the outputs.
    seed : int
        Seed of every permutation, redraw and bootstrap.
    permutations : int
        Permutations of the tests of spatial pattern.
    redraws : int
        Redraws of the hub set, and bootstrap replicates.
    replicates : int, optional
        Evaluations under drawn assumptions behind the rank intervals; what the profiles say
        when absent.
    alpha : float
        False discovery rate of clusters and level of tests.
    approval_number : str
        审图号 of the maps, if the user has one. Never invented.
    strict : bool
        Treat warnings as errors.
    province, city : LevelConfig
        Profile and extra data of each level.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
    _plain = pydantic.field_validator("*", mode="before")(refuse_steering)

    lang: Language = "zh"
    out: Path = Path("outputs")
    seed: int = Field(default=DEFAULT_SEED, ge=0)
    permutations: int = Field(default=99_999, ge=99)
    redraws: int = Field(default=9_999, ge=99)
    replicates: int | None = Field(default=None, ge=1, le=10_000_000)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    approval_number: str = Field(default="", max_length=40)
    strict: bool = False
    province: LevelConfig = LevelConfig(profile="caict2024-province")
    city: LevelConfig = LevelConfig(profile="city-compute")


def load_config(path: Path | None, **overrides: Any) -> RunConfig:
    """Read a configuration file and lay the command line's options over it.

    Parameters
    ----------
    path : pathlib.Path, optional
        A TOML file; paths in it are relative to it.
    **overrides : Any
        Options that win over the file; those that are None are left out.

    Returns
    -------
    RunConfig
        The configuration.

    Raises
    ------
    InputError
        Unreadable file, unknown keys or unusable values, all at once.

    Examples
    --------
    >>> load_config(None, lang="en").lang
    'en'
    """
    fields: dict[str, Any] = {}
    if path is not None:
        fields = _read(path)
    fields |= {key: value for key, value in overrides.items() if value is not None}
    try:
        config = RunConfig.model_validate(fields)
    except pydantic.ValidationError as error:
        problems = [_problem(item, str(path or ""), overrides) for item in error.errors()]
        raise InputError(problems) from None
    return _anchored(config, path, out_given=overrides.get("out") is not None)


def data_files(paths: Sequence[Path], reading: Sequence[str]) -> tuple[DataFile, ...]:
    """Bind files to how the command line says they are to be read.

    Parameters
    ----------
    paths : Sequence[pathlib.Path]
        The files.
    reading : Sequence[str]
        ``key=value``, keys as in :class:`DataFile`; a key alone says yes.

    Returns
    -------
    tuple[DataFile, ...]
        All read in the same way.

    Raises
    ------
    InputError
        Unknown keys or unusable values, all at once.

    Examples
    --------
    >>> [(item.sheet, item.year) for item in data_files([Path("a.xlsx")], ["year=2023"])]
    [(None, 2023)]
    """
    fields: dict[str, Any] = {}
    for item in reading:
        key, mark, value = (part.strip() for part in item.partition("="))
        fields[key] = value if mark else True
    try:
        DataFile(file=Path(), **fields)
        return tuple(DataFile(file=path, **fields) for path in paths)
    except (pydantic.ValidationError, TypeError) as error:
        known = ", ".join(key for key in DataFile.model_fields if key != "file")
        said = error.errors() if isinstance(error, pydantic.ValidationError) else []
        keys = [str(item["loc"][0]) for item in said] or ["file"]
        raise InputError(
            [
                Problem(code="run.reading", params={"item": f"{key}={fields[key]}", "known": known})
                for key in keys
            ]
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(path.read_bytes())
    except OSError as error:
        params = {"file": str(path), "detail": os_reason(error)}
        raise InputError([Problem(code="run.config_unreadable", params=params)]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        params = {"file": str(path), "detail": toml_reason(error)}
        raise InputError([Problem(code="run.config_syntax", params=params)]) from None


def _problem(item: Any, file: str, options: Mapping[str, Any]) -> Problem:
    place = ".".join(str(part) for part in item["loc"])
    params = {"file": file, "key": place, "value": repr(item.get("input"))[:80]}
    if item["type"] == "extra_forbidden":
        entry = LayerFile if "layer" in item["loc"] else DataFile
        model = (RunConfig, LevelConfig, entry)[min(2, len(item["loc"]) - 1)]
        known = list(model.model_fields)
        close = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
        params |= {"known": ", ".join(known), "close": "".join(close)}
        return Problem(code="run.config_key_close" if close else "run.config_key", params=params)
    if item["type"] == "missing":
        return Problem(code="run.config_missing", params=params)
    code = "run.config_value" if options.get(place) is None else "run.option_value"
    return Problem(code=code, params={**params, "detail": value_reason(item)})


def _anchored(config: RunConfig, path: Path | None, *, out_given: bool) -> RunConfig:
    """Make the file's relative paths relative to the file, so that it can be moved about."""
    if path is None:
        return config
    base = path.parent

    def level(one: LevelConfig) -> LevelConfig:
        profile = one.profile
        if profile.endswith(".toml") and not Path(profile).is_absolute():
            profile = str(base / profile)
        data = (item.model_copy(update={"file": base / item.file}) for item in one.data)
        layer = one.layer and one.layer.model_copy(update={"file": base / one.layer.file})
        return LevelConfig(profile=profile, data=tuple(data), layer=layer)

    changes: dict[str, Any] = {"province": level(config.province), "city": level(config.city)}
    if not out_given:
        changes["out"] = base / config.out
    return config.model_copy(update=changes)
