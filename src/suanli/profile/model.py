"""What a profile is made of: dimensions, indicators, judgements."""

from typing import Annotated, Final, Literal

from pydantic import Field

from suanli.expression import Expression, parse_expression
from suanli.profile.method import Aggregation, Frozen, Method, Treatment, Year
from suanli.profile.uncertainty import Uncertainty

__all__ = [
    "ROOT",
    "Dimension",
    "IndexSpec",
    "Indicator",
    "Judgement",
    "Names",
    "Raster",
    "Variable",
]

ROOT: Final = "index"
"""Identifier of the top of the hierarchy."""

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Names(Frozen):
    """A name in both languages.

    Attributes
    ----------
    zh, en : str
        Chinese and English.
    """

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Dimension(Frozen):
    """An inner node of the hierarchy: a dimension or sub-dimension.

    Attributes
    ----------
    id : str
        Identifier, unique in the profile.
    parent : str
        The node above; ``"index"`` for a dimension.
    name : Names
        Its name.
    weight : float, optional
        Weight among its siblings when weights are given.
    aggregate : str, optional
        Aggregation of its children; the profile's when absent.
    """

    id: Identifier
    parent: Identifier = ROOT
    name: Names
    weight: float | None = Field(default=None, ge=0)
    aggregate: Aggregation | None = None


class Variable(Frozen):
    """A named intermediate quantity: computed for expressions to use, not scored.

    Attributes
    ----------
    id : str
        Identifier, unique in the profile and not an indicator of the table.
    value : str
        Expression over indicators of the table and other variables.
    unit : str
        Its unit.
    name : Names, optional
        Its name.
    """

    id: Identifier
    value: str = Field(min_length=1)
    unit: str
    name: Names | None = None

    @property
    def expression(self) -> Expression:
        """The parsed expression of the variable's value.

        Returns
        -------
        Expression
            Over indicators of the table and other variables.
        """
        return parse_expression(self.value)


class Raster(Frozen):
    """A quantity measured on a raster: a column of the data table for expressions to use.

    Attributes
    ----------
    id : str
        Identifier, unique among rasters and variables. An indicator of the same identifier
        that names no value takes it; an indicator of the table is replaced by it.
    file : str
        The file; a relative path starts at the folder of the profile.
    statistic : str
        What of the cells of a unit: ``mean``, ``sum``, ``integral``, ``min``, ``max``,
        ``stdev``, ``count``, ``area``, ``majority``, ``median`` or a percentile such as
        ``p90``.
    weights : str
        File of densities that weighs the cells, such as people per km2.
    band : int
        Band of the raster, from 1.
    nodata : float, optional
        The number that means no value, where the file does not say.
    minimum_covered : float
        Share of a unit that must have values for it to get one.
    unit : str
        Unit of the statistic.
    """

    id: Identifier
    file: str = Field(min_length=1)
    statistic: str = "mean"
    weights: str = ""
    band: int = Field(default=1, ge=1)
    nodata: float | None = None
    minimum_covered: float = Field(default=0.5, ge=0, le=1)
    unit: str


class Indicator(Frozen):
    """A leaf of the hierarchy.

    Attributes
    ----------
    id : str
        Identifier, unique in the profile.
    parent : str
        The node it belongs to.
    name : Names
        Its name.
    unit : str
        Unit of the derived value.
    direction : {"up", "down", "target"}
        Whether more is better or worse, or best inside an interval and worse on both sides.
    target : tuple[float, float], optional
        The interval of ``direction = "target"``, in the unit of the derived value.
    goalposts : tuple[float, float], optional
        The values ``normalise = "scaled"`` and ``"goalposts"`` measure between, in the unit
        of what is normalised: the logarithm where ``transform = "log"``, the distance
        outside the interval where there is a target.
    goal : float, optional
        The value ``normalise = "dist2target"`` scores 1, in the same unit as ``goalposts``.
    value : str
        Expression over indicators of the table and variables; the identifier itself when
        absent.
    denominator : str
        Expression the value is divided by (per head, per km2); nothing when absent.
    transform : {"none", "log"}
        Declared transformation before normalisation; ``log`` for scale indicators.
    treat : str, optional
        Outlier treatment of this indicator, after its declared transformation. When absent,
        the profile's, which leaves indicators with a declared transformation alone.
    year : int, optional
        Take the value of this year whatever year is evaluated (facts that stand since).
    status : {"reported", "derived", "proxy", "assumed"}
        What the number is to the concept it stands for.
    source : str
        Identifiers of the sources, separated by blanks.
    reason : str
        Why it is in the profile.
    weight : float, optional
        Weight among its siblings when weights are given.
    inference : {"kept", "excluded"}
        Whether spatial tests may use it. An indicator that is built from neighbours, from
        the province around a city or from the hub list itself would make a test of
        clustering or of hub spillover prove what was put in.
    movable : bool
        Whether the unit itself can change it. Climate, distances, facts that stand and
        values of a larger unit are not.
    optional : bool
        Whether it counts only where ``method.coverage`` of the units have values of their own
        for it; otherwise it is left out and its siblings keep the ratios of their weights.
        For what no public table has and a user may bring.
    """

    id: Identifier
    parent: Identifier
    name: Names
    unit: str
    direction: Literal["up", "down", "target"]
    target: tuple[float, float] | None = None
    goalposts: tuple[float, float] | None = None
    goal: float | None = None
    value: str = ""
    denominator: str = ""
    transform: Literal["none", "log"] = "none"
    treat: Treatment | None = None
    year: int | None = None
    status: Literal["reported", "derived", "proxy", "assumed"]
    source: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    weight: float | None = Field(default=None, ge=0)
    inference: Literal["kept", "excluded"] = "kept"
    movable: bool = True
    optional: bool = False

    @property
    def expression(self) -> Expression:
        """The parsed expression of the indicator's value.

        Returns
        -------
        Expression
            Over indicators of the table and variables, divided by the denominator.
        """
        value = self.value or self.id
        return parse_expression(f"({value}) / ({self.denominator})" if self.denominator else value)


class Judgement(Frozen):
    """Pairwise judgements of one parent's children (analytic hierarchy process).

    Attributes
    ----------
    parent : str
        The node whose children are compared.
    order : tuple[str, ...]
        The children, in the order of rows and columns.
    matrix : tuple[tuple[float, ...], ...]
        ``matrix[i][j]`` says how much more ``order[i]`` matters than ``order[j]``; square
        and reciprocal.
    consistency_ratio : float, optional
        The ratio as its author states it; the evaluation refuses a statement that is wrong.
    status : str
        What the judgements rest on.
    reason : str
        Why they were made so.
    """

    parent: Identifier
    order: tuple[Identifier, ...] = Field(min_length=2)
    matrix: tuple[tuple[Annotated[float, Field(gt=0)], ...], ...]
    consistency_ratio: float | None = Field(default=None, ge=0)
    status: Literal["reported", "assumed"]
    reason: str = Field(min_length=1)


class IndexSpec(Frozen):
    """A complete evaluation system.

    Attributes
    ----------
    id : str
        Identifier of the profile.
    title, note : Names
        Title and what the reader must know about it.
    level : {"province", "city"}
        The units it scores.
    year : int
        The year it evaluates.
    method : Method
        Choices of method.
    dimension : tuple[Dimension, ...]
        Inner nodes.
    indicator : tuple[Indicator, ...]
        Leaves.
    judgement : tuple[Judgement, ...]
        Judgement matrices, one per parent with several children.
    variable : tuple[Variable, ...]
        Named intermediate quantities of the expressions.
    raster : tuple[Raster, ...]
        Quantities measured on rasters.
    uncertainty : Uncertainty
        Which other choices would have been as defensible.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    title: Names
    note: Names
    level: Literal["province", "city"]
    year: Year
    method: Method = Method()
    dimension: tuple[Dimension, ...] = Field(min_length=1)
    indicator: tuple[Indicator, ...] = Field(min_length=1)
    judgement: tuple[Judgement, ...] = ()
    variable: tuple[Variable, ...] = Field(default=(), max_length=100)
    raster: tuple[Raster, ...] = Field(default=(), max_length=20)
    uncertainty: Uncertainty = Uncertainty()

    def items(self) -> tuple[Dimension | Indicator, ...]:
        """Return all nodes but the root.

        Returns
        -------
        tuple[Dimension | Indicator, ...]
            Dimensions, then indicators, in the order of the profile.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> load_profile("caict2024-province").items()[0].id
        'compute'
        """
        return (*self.dimension, *self.indicator)

    def inputs(self, *items: Indicator) -> tuple[str, ...]:
        """Return the indicators of the table that expressions need, through variables.

        Parameters
        ----------
        *items : Indicator
            Of these; of all by default.

        Returns
        -------
        tuple[str, ...]
            Names, sorted.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> "fibre_length" in load_profile("caict2024-province").inputs()
        True
        """
        variables = {variable.id: variable for variable in self.variable}
        queue = [name for item in items or self.indicator for name in item.expression.names]
        seen: set[str] = set()
        while queue:
            name = queue.pop()
            if name in variables and name not in seen:
                queue.extend(variables[name].expression.names)
            seen.add(name)
        return tuple(sorted(seen - set(variables)))

    def children(self, node: str) -> tuple[str, ...]:
        """Return the identifiers right below ``node``, in the order of the profile.

        Parameters
        ----------
        node : str
            Identifier of an inner node, or ``"index"``.

        Returns
        -------
        tuple[str, ...]
            Dimensions first, then indicators.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> load_profile("caict2024-province").children("index")
        ('compute', 'storage', 'network', 'environment')
        """
        return tuple(item.id for item in self.items() if item.parent == node)

    def bottom_up(self) -> tuple[str, ...]:
        """Return the inner nodes so that children stand before their parents.

        Returns
        -------
        tuple[str, ...]
            Identifiers; the last one is ``"index"``.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> load_profile("caict2024-province").bottom_up()[-1]
        'index'
        """
        order: list[str] = []
        queue = [ROOT]
        inner = {dimension.id for dimension in self.dimension}
        while queue:
            node = queue.pop(0)
            order.append(node)
            queue.extend(child for child in self.children(node) if child in inner)
        return tuple(reversed(order))

    def names(self) -> dict[str, Names]:
        """Return the name of every node but the root.

        Returns
        -------
        dict[str, Names]
            By identifier.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> load_profile("caict2024-province").names()["storage"].zh
        '存力'
        """
        return {item.id: item.name for item in self.items()}
