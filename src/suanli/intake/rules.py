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
        ``quality``, ``layer``.
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


def _layer_rules(action: Action, **cases: tuple[int, ...]) -> dict[str, Rule]:
    return _rules("layer", action, **{f"layer.{name}": numbers for name, numbers in cases.items()})


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
        no_sheets=(10,),
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
        year_from_title=(58,),
        indicator_of_title=(12,),
        header_repeated=(),
        transposed=(),
        other_level_rows=(),
        heading_alias=(61,),
        heading_mended=(15, 61),
    ),
    **_rules(
        "layout",
        "warn",
        column_unknown=(61,),
        indicator_unknown=(61,),
        every_year=(58,),
        title_of_change=(61,),
        within_year=(58,),
        sheet_not_read=(10,),
        heading_forecast=(30,),
        forecast_left_out=(24,),
        forecast_mentioned=(24,),
        change_left_out=(61,),
        qualified=(24, 58, 61),
        row_left_out=(24, 58, 61),
        struck=(11,),
        commented=(11,),
        county_rows=(52,),
        option_unused=(),
        other_level_left_out=(),
        name_blank=(),
    ),
    **_rules(
        "layout",
        "error",
        bad_year=(58,),
        year_blank=(58,),
        part_of_year=(58,),
        unit_divided=(),
        merged_value=(14,),
        years_differ=(58,),
        block_undated=(58,),
        heading_years=(58,),
        years_contradict=(58,),
        units_contradict=(16,),
        group_unclear=(13,),
        no_units_column=(),
        no_indicator=(),
        no_indicators=(),
        no_values=(57,),
        indicator_misspelt=(61,),
        column_repeated=(),
        column_missing=(),
        level_unclear=(57,),
        row_too_long=(19,),
        option_conflicts=(),
        option_indicator=(61,),
        option_unit=(16,),
    ),
    **_rules(
        "name",
        "fix",
        code_mended=(35, 36, 37),
        name_mended=(42, 48, 49, 51, 54),
        name_renamed=(40,),
        province_rows=(43, 57),
    ),
    **_rules(
        "name",
        "warn",
        province_unknown=(50,),
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
        province_differs=(38,),
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
        scaled_format=(26,),
    ),
    **_rules("unit", "fix", unit_converted=(15,), unit_completed=(16,)),
    **_rules(
        "unit",
        "warn",
        unit_assumed=(16,),
        english_unknown=(15,),
        unit_of_title=(16,),
        units_disagree=(16,),
        cell_unit=(17,),
        fractions=(21,),
    ),
    **_rules(
        "unit",
        "error",
        unit_unknown=(16,),
        units_of_title=(16,),
        unit_differs=(15,),
        unit_precision=(15,),
        scale_of_ratio=(16,),
        units_mixed=(17,),
        cell_scale=(17,),
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
        unlike_scale=(),
        unlike_rows=(),
        unlike_value=(),
        unlike_all=(),
        year_far=(58,),
    ),
    **_layer_rules(
        "fix",
        encoding_found=(68,),
        axes_swapped=(62,),
        datum_mended=(64,),
        parts_merged=(),
        repaired=(67,),
        cleaned=(67,),
    ),
    **_layer_rules(
        "warn",
        encoding_contradicted=(68,),
        column_chosen=(),
        crs_detected=(63,),
        crs_overridden=(63,),
        no_geometry=(66,),
        not_polygon=(66,),
        unit_unknown=(57,),
        units_missing=(56, 57),
        isolates=(),
        nearly_touching=(67,),
        datum_untested=(64,),
        datum_declared=(64,),
        shifted=(64,),
    ),
    **_layer_rules(
        "error",
        missing_file=(),
        format=(),
        not_what_it_says=(),
        unreadable=(65,),
        no_features=(),
        too_large=(69,),
        several_layers=(69,),
        archive_bomb=(69,),
        archive_path=(69,),
        archive_password=(69,),
        archive_nested=(69,),
        archive_repeated=(69,),
        archive_damaged=(69,),
        companions=(68,),
        dbf_damaged=(68,),
        dbf_encoding=(68,),
        parquet_missing=(),
        json_encoding=(65,),
        json_nesting=(65,),
        json_cut_off=(65,),
        json_syntax=(65,),
        json_not_finite=(65,),
        json_repeated_key=(65,),
        json_type=(65,),
        open_ring=(65,),
        bad_ring=(65,),
        no_column=(),
        no_code_column=(),
        no_known_units=(57,),
        many_unknown=(57,),
        different_names=(),
        no_polygons=(66,),
        not_finite=(65,),
        swapped=(62,),
        crs_missing=(63,),
        crs_ambiguous=(63,),
        crs_wrong=(63,),
        crs_unknown=(63,),
        misplaced=(63,),
        outside=(62, 63),
        elsewhere=(62, 63),
        datum_suspected=(64,),
        moved_too_far=(67,),
    ),
}
"""All rules by identifier."""
