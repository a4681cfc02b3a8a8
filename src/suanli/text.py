"""The words of the interface, in Chinese and English.

One TOML file per area and language lies in ``messages/<language>/<area>.toml``; a key is
``area.key`` and the sentence a ``str.format`` template. A test holds both languages to the
same keys and placeholders.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, Final, Literal, Protocol, runtime_checkable

__all__ = ["LANGUAGES", "STEERING", "Language", "Text", "Worded", "escaped", "writable"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


STEERING: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that show nothing but steer a terminal or the writing direction, and halves of
characters, which no file can hold; tab and line ends are none of them."""


def escaped(text: str) -> str:
    r"""Write characters that steer by their code points, as Python and JSON do.

    Parameters
    ----------
    text : str
        What a user wrote.

    Returns
    -------
    str
        Safe to print.

    Examples
    --------
    >>> escaped("a\x1b[2J")
    'a\\u001b[2J'
    """
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def writable(text: str) -> str:
    r"""Write what is no text, such as bytes in the name of a file, so that any file can hold it.

    Parameters
    ----------
    text : str
        Perhaps with surrogates.

    Returns
    -------
    str
        Without.

    Examples
    --------
    >>> writable("\udcff.csv")
    '\\udcff.csv'
    """
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


@runtime_checkable
class Worded(Protocol):
    """What has a sentence: a key and the values of its placeholders.

    Attributes
    ----------
    code : str
        Area and key, joined by the first dot.
    params : Mapping[str, Any]
        Values of the placeholders.
    """

    @property
    def code(self) -> str: ...  # noqa: D102 - an attribute, documented above

    @property
    def params(self) -> Mapping[str, Any]: ...  # noqa: D102


@cache
def _area(lang: Language, area: str) -> Mapping[str, str]:
    source = files("suanli") / "messages" / lang / f"{area}.toml"
    flat: dict[str, str] = {}
    if not source.is_file():
        return flat
    _flatten(tomllib.loads(source.read_text(encoding="utf-8")), "", flat)
    return flat


def _flatten(node: Mapping[str, Any], prefix: str, flat: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, Mapping):
            _flatten(value, f"{prefix}{key}.", flat)
        else:
            flat[f"{prefix}{key}"] = str(value)


class Text:
    """Sentences in one language.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.

    Examples
    --------
    >>> Text("en")("common.province")
    'province'
    >>> Text("zh")("common.province")
    '省级'
    """

    __slots__ = ("lang",)

    def __init__(self, lang: Language) -> None:
        self.lang: Language = lang

    def __call__(self, key: str, /, **params: Any) -> str:
        """Return the sentence ``area.key`` filled with ``params``.

        Parameters
        ----------
        key : str
            Area and key, joined by the first dot.
        **params : Any
            Values of the placeholders; a problem among them is put into words first, and of
            words in each language these are taken.

        Returns
        -------
        str
            The sentence.

        Raises
        ------
        KeyError
            The catalogue has no such key: a fault of the program, not of the user.

        Examples
        --------
        >>> Text("en")("common.units", count=31)
        '31 units'
        """
        area, _, name = key.partition(".")
        return _area(self.lang, area)[name].format(
            **{key: self._worded(value) for key, value in params.items()}
        )

    def _worded(self, value: Any) -> Any:
        if isinstance(value, Worded):
            return self(value.code, **value.params)
        if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
            return self.of(value)
        # Sentences are printed: a name out of a file must not steer the terminal.
        return escaped(str(value)) if isinstance(value, str | PurePath) else value

    def has(self, key: str) -> bool:
        """Tell whether the catalogue has ``area.key``.

        Parameters
        ----------
        key : str
            Area and key, joined by the first dot.

        Returns
        -------
        bool
            True when the sentence exists.

        Examples
        --------
        >>> Text("en").has("common.no_such_key")
        False
        """
        area, _, name = key.partition(".")
        return name in _area(self.lang, area)

    def of(self, names: Mapping[str, str]) -> str:
        """Pick this language out of a mapping such as ``{"zh": ..., "en": ...}``.

        Parameters
        ----------
        names : Mapping[str, str]
            The same words in each language.

        Returns
        -------
        str
            The words in this language.

        Examples
        --------
        >>> Text("en").of({"zh": "算力", "en": "computing power"})
        'computing power'
        """
        return names[self.lang]
