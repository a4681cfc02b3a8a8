"""What the title of a column names."""

from dataclasses import dataclass

__all__ = ["Named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a title names.

    Attributes
    ----------
    indicator : str
        Identifier; nothing where it names none.
    unit : str
        Unit of measurement found with it.
    after : str
        The indicator's own name, where another was written or the title had to be mended.
    alias : bool
        Whether it was named by a synonym.
    foreign : bool
        Whether it says something in English besides that is no name known.
    """

    indicator: str = ""
    unit: str = ""
    after: str = ""
    alias: bool = False
    foreign: bool = False
