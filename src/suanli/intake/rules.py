"""Every rule of intake: what it is called and what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["RULES", "Action", "Rule"]

Action = Literal["fix", "warn", "error"]
"""``fix``: mended and listed; ``warn``: kept and listed; ``error``: the file is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of intake.

    Attributes
    ----------
    id : str
        Stable identifier; its sentence is ``findings.<id>`` of the message catalogues.
    action : {"fix", "warn", "error"}
        What is done.
    about : str
        What it is about: ``file``, ``layout``, ``name``, ``number``, ``unit``, ``value``,
        ``quality``.
    cases : tuple[int, ...]
        Numbers of the cases of ``docs/intake.md`` it settles.
    """

    id: str
    action: Action
    about: str
    cases: tuple[int, ...] = ()


def _rules(about: str, action: Action, **cases: tuple[int, ...]) -> dict[str, Rule]:
    return {
        name: Rule(id=name, action=action, about=about, cases=numbers)
        for name, numbers in cases.items()
    }


RULES: Final[Mapping[str, Rule]] = {
    **_rules(
        "file",
        "fix",
        read_as_gb18030=(1,),
        byte_order_mark=(2,),
        read_as_utf16=(3,),
        separator=(6,),
    ),
    **_rules("file", "warn", hidden=(11,), hidden_sheet=(11,)),
    **_rules(
        "file",
        "error",
        undecodable=(4,),
        unknown_encoding=(5,),
        suspected_big5=(5,),
        unclear_separator=(6,),
        empty=(7,),
        other_format=(8,),
        password=(9,),
        several_sheets=(10,),
        no_such_sheet=(10,),
        unreadable=(),
        too_large=(69,),
        damaged=(69,),
        nul_bytes=(),
        broken_row=(),
    ),
    **_rules(
        "layout",
        "fix",
        title_rows=(12,),
        header_joined=(13,),
        filled_down=(14,),
        totals_left_out=(46,),
        notes_left_out=(47,),
        year_text=(58,),
        header_repeated=(),
        transposed=(),
        other_level_rows=(),
    ),
    **_rules(
        "layout",
        "warn",
        column_unknown=(61,),
        indicator_unknown=(61,),
        every_year=(58,),
        other_level_left_out=(),
        name_blank=(),
    ),
    **_rules(
        "layout",
        "error",
        bad_year=(58,),
        no_units_column=(),
        no_indicator=(),
        no_indicators=(),
        no_values=(57,),
        indicator_misspelt=(61,),
        column_repeated=(),
        column_missing=(),
        level_unclear=(57,),
        row_too_long=(19,),
    ),
    **_rules(
        "name",
        "fix",
        code_mended=(35, 36, 37),
        name_mended=(42, 48, 49, 51, 54),
        name_renamed=(40,),
    ),
    **_rules(
        "name",
        "warn",
        name_includes=(49,),
        not_scored=(53,),
        never_scored=(56,),
        units_absent=(56, 57),
    ),
    **_rules(
        "name",
        "error",
        code_level=(36,),
        code_name_differ=(38,),
        code_unknown=(39, 57),
        code_retired=(39, 41),
        name_abolished=(41,),
        name_ambiguous=(43,),
        name_unknown=(50, 57),
        name_county=(52,),
        name_zone=(55,),
    ),
    **_rules(
        "number",
        "fix",
        width=(18,),
        thousands=(19,),
        per_cent_sign=(21,),
        missing_mark=(22,),
        censored=(24,),
        footnote=(25,),
        number_as_text=(26,),
    ),
    **_rules(
        "number",
        "error",
        decimal_comma=(20,),
        bound=(24,),
        number_range=(24,),
        approximate=(24,),
        date=(27,),
        excel_error=(28,),
        formula_without_value=(29,),
        not_finite=(30,),
        not_a_number=(),
    ),
    **_rules("unit", "fix", unit_converted=(15,)),
    **_rules("unit", "warn", unit_assumed=(16,), fractions=(21,)),
    **_rules(
        "unit",
        "error",
        unit_unknown=(16,),
        unit_differs=(15,),
        unit_precision=(15,),
        units_mixed=(17,),
        per_cent_mixed=(21,),
    ),
    **_rules(
        "value",
        "warn",
        duplicate_equal=(44,),
        in_two_files_equal=(44,),
        above_total=(),
        parts_differ_from_total=(),
    ),
    **_rules("value", "error", out_of_range=(31,), duplicate=(45,), in_two_files=(45,)),
    **_rules(
        "quality",
        "warn",
        zeros=(23,),
        outlier=(32,),
        constant=(33,),
        thin=(34,),
        interpolated=(),
        filled_flat=(),
        rows_shifted=(),
        unit_jump=(),
        vintage_break=(),
        winsorised=(),
    ),
}
"""All rules by identifier."""
