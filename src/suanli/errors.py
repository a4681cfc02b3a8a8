"""Errors of the application: problems a user can mend, reported all at once."""

import errno
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic_core import PydanticCustomError

from suanli.text import STEERING, Language, Text

__all__ = [
    "InputError",
    "Problem",
    "os_reason",
    "parse_toml",
    "refuse_steering",
    "toml_reason",
    "value_reason",
]

_ERRNO: Final = (
    "EACCES", "EBUSY", "EEXIST", "EISDIR", "ENAMETOOLONG", "ENOENT", "ENOSPC", "ENOTDIR",
    "ENOTEMPTY", "EPERM", "EROFS",
)  # fmt: skip
# Types of pydantic, the sentence each gets, and which value of the context it needs.
_VALUE: Final[Mapping[str, tuple[str, str]]] = {
    "bool_parsing": ("boolean", ""),
    "bool_type": ("boolean", ""),
    "control": ("control", "codes"),
    "dict_type": ("table", ""),
    "finite_number": ("number", ""),
    "float_parsing": ("number", ""),
    "float_type": ("number", ""),
    "greater_than": ("greater_than", "gt"),
    "greater_than_equal": ("at_least", "ge"),
    "int_from_float": ("integer", ""),
    "int_parsing": ("integer", ""),
    "int_parsing_size": ("integer", ""),
    "int_type": ("integer", ""),
    "less_than": ("less_than", "lt"),
    "less_than_equal": ("at_most", "le"),
    "list_type": ("list", ""),
    "literal_error": ("one_of", "expected"),
    "missing": ("missing", ""),
    "model_attributes_type": ("table", ""),
    "model_type": ("table", ""),
    "path_type": ("text", ""),
    "string_pattern_mismatch": ("pattern", "pattern"),
    "string_too_long": ("text_too_long", "max_length"),
    "string_too_short": ("text_too_short", "min_length"),
    "string_type": ("text", ""),
    "too_long": ("too_long", "max_length"),
    "too_short": ("too_short", "min_length"),
    "tuple_type": ("list", ""),
}
# How the messages of tomllib begin.
_TOML: Final[Mapping[str, str]] = {
    "Cannot declare": "twice",
    "Cannot mutate": "twice",
    "Cannot overwrite": "twice",
    "Duplicate inline": "twice",
    "Expected '='": "equals",
    "Expected newline": "line_end",
    "Illegal character": "character",
    "Invalid initial character": "key",
    "Invalid statement": "key",
    "Invalid value": "value",
    "Invalid date": "value",
    "Unclosed": "unclosed",
    "Unescaped": "escape",
    "Unterminated": "unterminated",
    "Found invalid character": "key",
    "Expected '": "unclosed",
    "Too large": "too_large",
    "Nested too deep": "nested",
}
# A profile has 20 KB. A key of many parts costs their square: 100,000 would fill any memory.
_MOST_BYTES: Final = 1024**2
_MOST_DOTS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with what the user gave us.

    Attributes
    ----------
    code : str
        Stable identifier, also the key of the sentence in the message catalogues
        (``messages/*/problems.toml``), for example ``"profile.unknown"``.
    params : Mapping[str, Any]
        The values the sentence is made of: file, sheet, row, column, value, remedy. A value
        that is a problem itself is put into words in the same language.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def describe(self, lang: Language = "en") -> str:
        """Put the problem into words.

        Parameters
        ----------
        lang : {"en", "zh"}
            The language.

        Returns
        -------
        str
            A sentence; code and values where there is no sentence for them.

        Examples
        --------
        >>> Problem(code="profile.cycle", params={"file": "mine.toml", "path": "a -> a"}).describe()
        'The profile mine.toml: the parents run in a circle: a -> a. Let every node lead to index.'
        """
        try:
            return Text(lang)(self.code, **self.params)
        except KeyError:
            # An error must never fail to be shown: neither for its code nor for its values.
            return f"{self.code} {dict(self.params)}"


class InputError(ValueError):
    """What the user gave cannot be used; the command ends with exit code 1.

    ``str(error)`` is one sentence per problem, in English; :meth:`describe` gives them in
    Chinese too. A note below a traceback names the codes.

    Parameters
    ----------
    problems : Sequence[Problem]
        Everything found wrong, in reading order; at least one.

    Examples
    --------
    >>> params = {"file": "mine.toml", "path": "a -> a"}
    >>> error = InputError([Problem(code="profile.cycle", params=params)])
    >>> print(error)
    The profile mine.toml: the parents run in a circle: a -> a. Let every node lead to index.
    >>> print(error.describe("zh"))
    方案 mine.toml：上级关系成环：a -> a。请让每一级最终归于 index。
    >>> error.problems[0].code
    'profile.cycle'
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one problem")
        self.problems = tuple(problems)
        super().__init__(self.problems)
        codes = dict.fromkeys(problem.code for problem in self.problems)
        self.add_note(f"[{', '.join(codes)}]")

    def __str__(self) -> str:
        return self.describe()

    def describe(self, lang: Language = "en") -> str:
        """Put all problems into words.

        Parameters
        ----------
        lang : {"en", "zh"}
            The language.

        Returns
        -------
        str
            One line per problem.

        Examples
        --------
        >>> from suanli import load_profile
        >>> try:
        ...     load_profile("city-computer")
        ... except InputError as error:
        ...     print(error.describe("zh"))
        没有名为“city-computer”的方案，是否为“city-compute”？可用的方案：...
        """
        return "\n".join(problem.describe(lang) for problem in self.problems)


def refuse_steering(value: Any) -> Any:
    r"""Let a value pass unless it is a text that steers a terminal or the line it stands in.

    Names go into pages, tables and terminals: no format has a use for control characters, and
    overrides of the writing direction make a text look like another one.

    Parameters
    ----------
    value : Any
        What a user wrote; texts, and lists of them, are looked at.

    Returns
    -------
    Any
        The same value.

    Raises
    ------
    pydantic_core.PydanticCustomError
        ``control``, with the code points found; tab and line ends are none of them.

    Examples
    --------
    >>> refuse_steering("算力\n")
    '算力\n'
    >>> refuse_steering("a\x1b[2J")
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: characters that steer: U+001B
    """
    texts = value if isinstance(value, list | tuple) else [value]
    found = [char for text in texts if isinstance(text, str) for char in STEERING.findall(text)]
    if found:
        codes = ", ".join(f"U+{ord(char):04X}" for char in dict.fromkeys(found))
        raise PydanticCustomError("control", "characters that steer: {codes}", {"codes": codes})
    return value


def os_reason(error: OSError) -> Problem | str:
    """Name what the system complains of.

    Parameters
    ----------
    error : OSError
        The error.

    Returns
    -------
    Problem or str
        A sentence of ours where there is one, else that of the system.

    Examples
    --------
    >>> os_reason(FileNotFoundError(2, "No such file or directory")).code
    'problems.errno.ENOENT'
    """
    name = errno.errorcode.get(error.errno or 0, "")
    if name in _ERRNO:
        return Problem(code=f"problems.errno.{name}")
    return error.strerror or str(error)


def parse_toml(source: bytes) -> dict[str, Any]:
    """Read TOML that anybody may have written.

    Parameters
    ----------
    source : bytes
        UTF-8, with or without a byte order mark.

    Returns
    -------
    dict[str, Any]
        What it says.

    Raises
    ------
    UnicodeDecodeError
        Not UTF-8.
    tomllib.TOMLDecodeError
        Not TOML; or larger than 1 MB, or nested deeper than a person would.

    Examples
    --------
    >>> parse_toml(b"a = 1")
    {'a': 1}
    >>> parse_toml(b"a = " + b"[" * 100_000)
    Traceback (most recent call last):
    tomllib.TOMLDecodeError: Nested too deep (at end of document)
    """
    if len(source) > _MOST_BYTES:
        raise tomllib.TOMLDecodeError("Too large (at end of document)")
    if any(line.count(b".") > _MOST_DOTS for line in source.splitlines()):
        raise tomllib.TOMLDecodeError("Nested too deep (at end of document)")
    try:
        return tomllib.loads(source.decode("utf-8-sig"))
    except RecursionError:
        raise tomllib.TOMLDecodeError("Nested too deep (at end of document)") from None


def toml_reason(error: ValueError) -> Problem | str:
    """Name what is wrong with a TOML file, and where.

    Parameters
    ----------
    error : ValueError
        What decoding or parsing raised.

    Returns
    -------
    Problem or str
        A sentence of ours where there is one, else that of the parser.

    Examples
    --------
    >>> import tomllib
    >>> try:
    ...     tomllib.loads("a = ")
    ... except tomllib.TOMLDecodeError as error:
    ...     reason = toml_reason(error)
    >>> reason.params["what"].code
    'problems.toml.value'
    """
    if isinstance(error, UnicodeDecodeError):
        row = error.object.count(b"\n", 0, error.start) + 1
        return Problem(code="problems.toml.not_utf8", params={"line": row})
    said = str(error)
    kind = next((name for start, name in _TOML.items() if said.startswith(start)), "")
    place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    if not kind or place is None:
        return said
    what = Problem(code=f"problems.toml.{kind}")
    if place[1] is None:
        return Problem(code="problems.toml.at_end", params={"what": what})
    params = {"what": what, "line": place[1], "column": place[2]}
    return Problem(code="problems.toml.at", params=params)


def value_reason(item: Mapping[str, Any]) -> Problem | str:
    """Name what is wrong with a value that pydantic refused.

    Parameters
    ----------
    item : Mapping[str, Any]
        One of ``ValidationError.errors()``.

    Returns
    -------
    Problem or str
        A sentence of ours where there is one, else that of pydantic.

    Examples
    --------
    >>> value_reason({"type": "less_than", "ctx": {"lt": 1.0}, "msg": "..."}).params["limit"]
    '1'
    """
    kind, key = _VALUE.get(str(item["type"]), ("", ""))
    if not kind:
        return str(item["msg"])
    limit = item.get("ctx", {}).get(key, "") if key else ""
    shown = f"{limit:g}" if isinstance(limit, float) else str(limit).replace(" or ", ", ")
    return Problem(code=f"problems.value.{kind}", params={"limit": shown} if key else {})
