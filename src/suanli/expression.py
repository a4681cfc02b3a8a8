"""A small, safe language for derived quantities: numbers, names, ``+ - * /`` and a few functions.

Text is parsed with Python's own grammar and then walked node by node against a short list of
what is allowed; nothing is ever evaluated as code.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "Lookup", "parse_expression"]

Values = NDArray[np.float64]
Lookup = Callable[[str, int], Values]
"""Gives the values of a name in a year, one per unit, missing ones as NaN."""

MAX_LENGTH: Final = 500
MAX_YEARS: Final = 50

FUNCTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "abs": "abs(x)",
        "growth": "growth(x, n)",
        "lag": "lag(x, n)",
        "log": "log(x)",
        "max": "max(x, y)",
        "min": "min(x, y)",
        "sqrt": "sqrt(x)",
    }
)
"""Functions by name and how each is written; n is a whole number of years."""

_ELEMENTWISE: Final[Mapping[str, Callable[..., Values]]] = {
    "abs": np.abs,
    "log": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": np.sqrt,
}
_OF_YEARS: Final = ("growth", "lag")
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Values, Values], Values]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
# What can go wrong with numbers, the plainest first.
_FAULTS: Final = ("division_by_zero", "growth_base", "undefined")


class ExpressionError(ValueError):
    """An expression cannot be read, or cannot be computed for some units.

    Parameters
    ----------
    reason : str
        Short identifier: ``"syntax"``, ``"forbidden"``, ``"function"``, ``"arguments"``,
        ``"length"``; or, in computing, ``"division_by_zero"``, ``"growth_base"`` or
        ``"undefined"``.
    detail : str
        The offending part of the text; nothing in computing.
    where : numpy.ndarray, optional
        In computing, which units are concerned.
    """

    def __init__(
        self, reason: str, detail: str = "", *, where: NDArray[np.bool_] | None = None
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A parsed expression over names.

    Attributes
    ----------
    text : str
        What was written.
    names : tuple[str, ...]
        The names it needs, sorted.
    """

    text: str
    names: tuple[str, ...]
    _root: ast.expr

    @property
    def sides(self) -> tuple[frozenset[str], frozenset[str]]:
        """Tell which names stand above a fraction bar and which below one.

        Returns
        -------
        tuple[frozenset[str], frozenset[str]]
            Names above, and names below; one can be both. What is below twice is above, and
            what is only asked of an earlier year is neither.

        Examples
        --------
        >>> above, below = parse_expression("a / (b / c) + growth(d, 5) + lag(e, 1)").sides
        >>> sorted(above), sorted(below)
        (['a', 'c', 'd'], ['b'])
        """
        above: set[str] = set()
        below: set[str] = set()
        _sort(self._root, above, below)
        return frozenset(above), frozenset(below)

    @property
    def tree(self) -> ast.expr:
        """The syntax tree, for walks other than computing: it holds nothing but what is allowed.

        Returns
        -------
        ast.expr
            Read, never changed.

        Examples
        --------
        >>> ast.unparse(parse_expression("(a + b) / c").tree)
        '(a + b) / c'
        """
        return self._root

    def compute(self, lookup: Lookup, year: int) -> Values:
        """Compute the expression for one year, unit by unit.

        Parameters
        ----------
        lookup : Callable[[str, int], numpy.ndarray]
            Values of a name in a year, shape (units,), NaN where missing; ``lag`` and
            ``growth`` ask for earlier years.
        year : int
            The year wanted.

        Returns
        -------
        numpy.ndarray
            Shape (units,); missing where anything it needs is.

        Raises
        ------
        ExpressionError
            A present value was divided by zero, grew from a base that is not positive, or
            is outside a function's domain; ``where`` marks the units.

        Examples
        --------
        >>> values = {("a", 2022): [4.0, 0.0], ("a", 2023): [6.0, 1.0], ("b", 2023): [2.0, np.nan]}
        >>> def lookup(name, year):
        ...     return np.array(values[name, year])
        >>> parse_expression("a / b + 1").compute(lookup, 2023)
        array([ 4., nan])
        >>> parse_expression("a - lag(a, 1)").compute(lookup, 2023)
        array([2., 1.])
        """
        walk = _Walk(lookup=lookup)
        with np.errstate(all="ignore"):
            result = np.asarray(walk.value(self._root, year))
        present = walk.present
        walk.faults["undefined"] = walk.faults.get("undefined", False) | ~np.isfinite(result)
        for reason in _FAULTS:
            bad = np.broadcast_to(present & walk.faults.get(reason, False), result.shape)
            if bad.any():
                raise ExpressionError(reason, where=bad)
        return np.where(present, result, np.nan)


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Parse ``text``.

    Parameters
    ----------
    text : str
        For example ``"fibre_length / land_area"``.

    Returns
    -------
    Expression
        The parsed expression.

    Raises
    ------
    ExpressionError
        The text is not a single expression, is too long, or uses anything but numbers,
        names, ``+ - * /``, unary minus and the functions in :data:`FUNCTIONS`.

    Examples
    --------
    >>> parse_expression("growth(a, 5) / (b - 2)").names
    ('a', 'b')
    >>> parse_expression("__import__('os')")
    Traceback (most recent call last):
    suanli.expression.ExpressionError: function: __import__
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError("length", f"{len(text)} > {MAX_LENGTH}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        names: set[str] = set()
        _check(tree.body, names)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError("syntax", text) from None
    if not names:
        raise ExpressionError("syntax", text)
    return Expression(text=text, names=tuple(sorted(names)), _root=tree.body)


def _check(node: ast.expr, names: set[str]) -> None:
    match node:
        case ast.Name(id=name):
            names.add(name)
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            raise ExpressionError("forbidden", ast.unparse(node))
        case ast.Constant(value=int() | float() as number):
            # Also catches 1e999, which Python reads as infinite.
            if abs(number) > 1e300:  # noqa: PLR2004 - no quantity is that large
                raise ExpressionError("forbidden", ast.unparse(node))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, names)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            _check(left, names)
            _check(right, names)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
            for argument in _arguments(function, arguments):
                _check(argument, names)
        case _:
            raise ExpressionError("forbidden", ast.unparse(node))


def _sort(node: ast.expr, above: set[str], below: set[str]) -> None:
    match node:
        case ast.Name(id=name):
            above.add(name)
        case ast.UnaryOp(operand=operand):
            _sort(operand, above, below)
        case ast.BinOp(op=operator, left=left, right=right):
            _sort(left, above, below)
            sides = (below, above) if isinstance(operator, ast.Div) else (above, below)
            _sort(right, *sides)
        case ast.Call(func=ast.Name(id=function), args=arguments) if function != "lag":
            for argument in arguments:
                _sort(argument, above, below)


def _arguments(function: str, given: list[ast.expr]) -> list[ast.expr]:
    """Return the arguments that are expressions; the years of ``lag`` must be a plain number."""
    if function not in FUNCTIONS:
        raise ExpressionError("function", function)
    if len(given) != FUNCTIONS[function].count(",") + 1:
        raise ExpressionError("arguments", FUNCTIONS[function])
    if function not in _OF_YEARS:
        return given
    match given[1]:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() as years) if 1 <= years <= MAX_YEARS:
            return given[:1]
    raise ExpressionError("arguments", FUNCTIONS[function])


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One walk over an expression: what was missing and what went wrong, by unit."""

    lookup: Lookup
    present: Any = True
    faults: dict[str, Any] = field(default_factory=dict)

    def value(self, node: ast.expr, year: int) -> Values:
        match node:
            case ast.Name(id=name):
                values = self.lookup(name, year)
                self.present = self.present & ~np.isnan(values)
                return values
            case ast.Constant(value=int() | float() as number):
                return np.asarray(float(number))
            case ast.UnaryOp(operand=operand):
                return -self.value(operand, year)
            case ast.BinOp(op=operator, left=left, right=right):
                first, second = self.value(left, year), self.value(right, year)
                if isinstance(operator, ast.Div):
                    self.blame("division_by_zero", second == 0)
                return _OPERATORS[type(operator)](first, second)
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self.called(function, arguments, year)
        raise AssertionError(ast.dump(node))

    def called(self, function: str, arguments: list[ast.expr], year: int) -> Values:
        if function in _ELEMENTWISE:
            values = [self.value(argument, year) for argument in arguments]
            result = _ELEMENTWISE[function](*values)
            self.blame("undefined", ~np.isfinite(result) & np.isfinite(values[0]))
            return result
        base = self.value(arguments[0], year - int(ast.literal_eval(arguments[1])))
        if function == "lag":
            return base
        self.blame("growth_base", base <= 0)
        return self.value(arguments[0], year) / base - 1

    def blame(self, reason: str, where: Any) -> None:
        self.faults[reason] = self.faults.get(reason, False) | where
