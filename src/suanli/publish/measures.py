"""Units of measurement in the language of the reader."""

from suanli.text import Text

__all__ = ["unit_text"]


def unit_text(unit: str, text: Text) -> str:
    """Name a unit of measurement in the language of the reader.

    Parameters
    ----------
    unit : str
        As the profile or the table has it.
    text : Text
        The words.

    Returns
    -------
    str
        The unit itself where neither it nor its parts are known.

    Examples
    --------
    >>> [unit_text("亿千瓦时", Text(lang)) for lang in ("zh", "en")], unit_text("ms", Text("en"))
    (['亿千瓦时', '100 million kWh'], 'ms')
    """
    key = f"measures.{unit}"
    if text.has(key) or text.lang == "zh":
        return text(key) if text.has(key) else unit
    parts = [f"shown.unit.{part}" for part in unit.split("/")]
    if not all(text.has(part) for part in parts):
        return unit
    return " / ".join(text(part) for part in parts)
