"""Expressions of a profile as spreadsheet formulas, by walking their trees."""

import ast
from collections.abc import Callable, Sequence
from typing import Final

from suanli.expression import Expression
from suanli.workbook.grid import number

__all__ = ["formula_of", "leaves_of"]

Leaf = tuple[str, int]
"""A name and the year it is asked for."""

_FUNCTIONS: Final = {"abs": "ABS", "log": "LN", "max": "MAX", "min": "MIN", "sqrt": "SQRT"}
_OPERATORS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def leaves_of(expression: Expression, year: int) -> tuple[Leaf, ...]:
    """Return the names an expression needs, with the years it asks for.

    Parameters
    ----------
    expression : Expression
        The expression.
    year : int
        The year it is computed for; ``lag`` and ``growth`` ask for earlier ones.

    Returns
    -------
    tuple[tuple[str, int], ...]
        Each once, in the order met.

    Examples
    --------
    >>> from suanli.expression import parse_expression
    >>> leaves_of(parse_expression("growth(a, 5) / b"), 2023)
    (('a', 2018), ('a', 2023), ('b', 2023))
    """
    found: dict[Leaf, None] = {}

    def noted(name: str, when: int) -> str:
        found[name, when] = None
        return "0"

    _written(expression.tree, year, noted)
    return tuple(found)


def formula_of(
    expression: Expression,
    year: int,
    cell: Callable[[str, int], str],
    *,
    fits: Callable[[str, int], Sequence[str]] | None = None,
) -> str:
    """Write an expression as a formula: empty where a value is missing, #N/A where one is wrong.

    Parameters
    ----------
    expression : Expression
        The expression.
    year : int
        The year it is computed for.
    cell : Callable[[str, int], str]
        Gives the cell of a name in a year.
    fits : Callable[[str, int], Sequence[str]], optional
        Gives the conditions that its value has to fulfil; to be a number when absent.

    Returns
    -------
    str
        Without the equals sign.

    Notes
    -----
    A text is not a gap: the evaluation refuses both it and values that do not fit.

    Examples
    --------
    >>> from suanli.expression import parse_expression
    >>> cells = {"a": "C9", "b": "D9"}
    >>> formula_of(parse_expression("a / (b * 100)"), 2023, lambda name, year: cells[name])
    'IF((C9="")+ISNUMBER(C9)+(D9="")+ISNUMBER(D9)=2,IF(COUNT(C9,D9)=2,C9/(D9*100),""),NA())'
    """
    needed = {cell(*leaf): leaf for leaf in leaves_of(expression, year)}
    right = []
    for place, leaf in needed.items():
        first, *more = fits(*leaf) if fits else (f"ISNUMBER({place})",)
        right.append(f'({place}="")+{"*".join([first, *(f"({one})" for one in more)])}')
    count = len(needed)
    written = f'IF(COUNT({",".join(needed)})={count},{_written(expression.tree, year, cell)},"")'
    return f"IF({'+'.join(right)}={count},{written},NA())"


def _written(node: ast.expr, year: int, cell: Callable[[str, int], str]) -> str:
    match node:
        case ast.Name(id=name):
            return cell(name, year)
        case ast.Constant(value=int() | float() as constant):
            return number(float(constant))
        case ast.UnaryOp(operand=operand):
            return f"(-{_bracketed(operand, year, cell)})"
        case ast.BinOp(op=operator, left=left, right=right):
            # Brackets wherever Python's tree had a sum or a product of its own.
            sides = (_bracketed(side, year, cell) for side in (left, right))
            return _OPERATORS[type(operator)].join(sides)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, arguments, year, cell)
    raise AssertionError(ast.dump(node))


def _bracketed(node: ast.expr, year: int, cell: Callable[[str, int], str]) -> str:
    written = _written(node, year, cell)
    return f"({written})" if isinstance(node, ast.BinOp) else written


def _called(
    function: str, arguments: list[ast.expr], year: int, cell: Callable[[str, int], str]
) -> str:
    if function in _FUNCTIONS:
        inner = ",".join(_written(argument, year, cell) for argument in arguments)
        return f"{_FUNCTIONS[function]}({inner})"
    base, years = arguments
    earlier = _bracketed(base, year - int(ast.literal_eval(years)), cell)
    if function == "lag":
        return earlier
    return f"({_bracketed(base, year, cell)}/{earlier}-1)"
