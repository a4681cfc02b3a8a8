"""A small, safe language for derived indicators: numbers, names, ``+ - * /`` and a few functions.

Text is parsed with Python's own grammar and then walked node by node against a short list of
what is allowed; nothing is ever evaluated as code.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "parse_expression"]

MAX_LENGTH: Final = 500

_OPERATORS: Final[dict[type[ast.operator], Callable[[pd.Series, pd.Series], pd.Series]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}

FUNCTIONS: Final[dict[str, Callable[[pd.Series], pd.Series]]] = {
    "log": lambda a: pd.Series(np.log(a), index=a.index),
    "sqrt": lambda a: pd.Series(np.sqrt(a), index=a.index),
    "abs": lambda a: a.abs(),
}


class ExpressionError(ValueError):
    """An expression cannot be read, or cannot be computed for some units.

    Parameters
    ----------
    reason : str
        Short identifier: ``"syntax"``, ``"forbidden"``, ``"function"``, ``"length"``,
        ``"division_by_zero"`` or ``"undefined"``.
    detail : str
        The offending part of the text, or the labels concerned.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A parsed expression over indicator names.

    Attributes
    ----------
    text : str
        What was written.
    names : tuple[str, ...]
        The indicators it needs, sorted.
    """

    text: str
    names: tuple[str, ...]
    _root: ast.expr

    def compute(self, columns: Mapping[str, pd.Series]) -> pd.Series:
        """Compute the expression unit by unit.

        Parameters
        ----------
        columns : Mapping[str, pandas.Series]
            One float series per name, all on the same index. Missing stays missing.

        Returns
        -------
        pandas.Series
            The derived values on that index.

        Raises
        ------
        ExpressionError
            A present value was divided by zero or is outside a function's domain; the
            detail lists the labels.

        Examples
        --------
        >>> columns = {"a": pd.Series({"x": 6.0}), "b": pd.Series({"x": 2.0})}
        >>> parse_expression("a / b + 1").compute(columns).to_dict()
        {'x': 4.0}
        """
        index = next(iter(columns.values())).index
        with np.errstate(divide="ignore", invalid="ignore"):
            result = _walk(self._root, columns, index)
        present = pd.concat([columns[name].notna() for name in self.names], axis=1).all(axis=1)
        bad = present & ~np.isfinite(result)
        if bad.any():
            labels = ", ".join(str(label) for label in result.index[bad])
            reason = "division_by_zero" if "/" in self.text else "undefined"
            raise ExpressionError(reason, labels)
        return result.where(present)


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
    >>> parse_expression("a / (b - 2)").names
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
        case ast.Constant(value=int() | float()):
            pass
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, names)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            _check(left, names)
            _check(right, names)
        case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]):
            if function not in FUNCTIONS:
                raise ExpressionError("function", function)
            _check(argument, names)
        case _:
            raise ExpressionError("forbidden", ast.unparse(node))


def _walk(node: ast.expr, columns: Mapping[str, pd.Series], index: pd.Index) -> pd.Series:
    match node:
        case ast.Name(id=name):
            return columns[name].astype(float)
        case ast.Constant(value=int() | float() as number):
            return pd.Series(float(number), index=index)
        case ast.UnaryOp(operand=operand):
            return -_walk(operand, columns, index)
        case ast.BinOp(op=operator, left=left, right=right):
            return _OPERATORS[type(operator)](
                _walk(left, columns, index), _walk(right, columns, index)
            )
        case ast.Call(func=ast.Name(id=function), args=[argument]):
            return FUNCTIONS[function](_walk(argument, columns, index))
    raise AssertionError(ast.dump(node))
