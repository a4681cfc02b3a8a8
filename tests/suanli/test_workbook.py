"""The workbook of a run: what it holds, that it is safe, and that its formulas are right."""

import json
import re
import shutil
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine

from suanli.errors import InputError
from suanli.evaluation import derivation, evaluate, evaluate_from
from suanli.intake.table import IndicatorTable
from suanli.manifest import MANIFEST
from suanli.profile import ROOT, replace_spec
from suanli.run import RunConfig, publish_part
from suanli.study import scored_table
from suanli.text import Text
from suanli.workbook import write_workbook
from suanli.workbook.chain_sheet import limit_said
from suanli.workbook.grid import HEAD, TOP
from suanli.workbook.limits import limits_of
from suanli.workbook.making import SHEETS, TABLE_HEAD, sheet_names

LEVELS = ("province", "city")
NAMES = sheet_names(Text("zh"))
LEVEL_SHEETS = [f"{level}_{kind}" for level in LEVELS for kind in ("scores", "ranks", "chain")]
PAYLOADS = (
    '=HYPERLINK("http://evil.example/","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "http://evil.example/",
    "internal:'x'!A1",
    "<b>&amp;]]></t></si>",
    "\t=1+1",
    "＝1+1",
    "\x1b[2J\u202egpj.exe",
    "长" * 40_000,
)


def opened(path, **options):
    with warnings.catch_warnings():
        # openpyxl does not know data bars of Excel 2010.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, **options)


@pytest.fixture(scope="module")
def edition(atlas):
    return atlas.result.edition


@pytest.fixture(scope="module")
def path(atlas):
    return atlas.path / "suanli.xlsx"


@pytest.fixture(scope="module")
def book(path):
    return opened(path)


@pytest.fixture(scope="module")
def cached(path):
    return values(path)


def values(path):
    """Values of every sheet as viewers that compute nothing show them."""
    read = python_calamine.CalamineWorkbook.from_path(str(path))
    return {n: read.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in read.sheet_names}


def chain_frame(book_values, level):
    """The sheet of formulas: index code, columns stage and identifier."""
    rows = book_values[NAMES[f"{level}_chain"]]
    band = pd.Series(rows[0]).replace("", np.nan).ffill()
    columns = pd.MultiIndex.from_arrays([band[2:], rows[HEAD - 1][2:]])
    body = [row[2:] for row in rows[TOP - 1 :]]
    frame = pd.DataFrame(body, columns=columns, index=[row[0] for row in rows[TOP - 1 :]])
    return frame.replace("", np.nan).astype("float64")


def stage(frame, block):
    return frame[Text("zh")(f"workbook.block.{block}")]


# What it holds


def test_sheets_stand_in_order(book):
    assert book.sheetnames == [NAMES[key] for key in SHEETS]
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert len({sheet.sheet_properties.tabColor.rgb for sheet in book.worksheets}) > 6


@pytest.mark.parametrize("key", [key for key in SHEETS if key != "readme"])
def test_heads_stay_in_sight_and_print_again(book, key):
    sheet = book[NAMES[key]]
    assert sheet.freeze_panes is not None
    assert sheet.print_title_rows is not None
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    if not key.endswith("weights"):
        assert sheet.auto_filter.ref is not None


@pytest.mark.parametrize("level", LEVELS)
def test_the_chain_is_frozen_at_the_first_unit(book, level):
    assert book[NAMES[f"{level}_chain"]].freeze_panes == f"C{TOP}"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("block", ["indicator", "normalised", "aggregated", "score", "rank"])
def test_cached_values_are_those_of_the_scores(edition, cached, level, block):
    scores = edition.scores(level)
    expected = {
        "indicator": scores.stages["derived"],
        "normalised": scores.indicators,
        "aggregated": scores.stages["aggregated"],
        "score": scores.nodes,
        "rank": scores.ranks,
    }[block]
    found = stage(chain_frame(cached, level), block)
    pd.testing.assert_frame_equal(
        found.reindex(index=expected.index, columns=expected.columns),
        expected.astype("float64"),
        check_names=False,
        rtol=0,
        atol=1e-12,
    )
    assert set(found.columns) == set(expected.columns)


@pytest.mark.parametrize("level", LEVELS)
def test_scores_are_listed_best_first_with_their_intervals(edition, cached, level):
    rows = cached[NAMES[f"{level}_scores"]]
    head, body = rows[TABLE_HEAD - 1], rows[TABLE_HEAD:]
    column = {title: place for place, title in reversed(list(enumerate(head)))}
    codes = [row[column["代码"]] for row in body]
    ranks = edition.scores(level).ranks[ROOT]
    assert len(codes) == len(ranks)
    assert [row[0] or None for row in body] == [
        None if pd.isna(ranks[code]) else ranks[code] for code in codes
    ]
    assert ranks.reindex(codes).dropna().is_monotonic_increasing
    intervals = edition.ranks(level).of(ROOT)
    low, high = column["区间下端"], column["区间上端"]
    for row, code in zip(body, codes, strict=True):
        if code in intervals.index and pd.notna(intervals.loc[code, "low"]):
            assert (row[low], row[high]) == tuple(intervals.loc[code, ["low", "high"]])
    assert {row[-1] for row in body} <= {0.0, ""}


@pytest.mark.parametrize("level", LEVELS)
def test_every_raw_value_has_its_quality_source_and_year(edition, cached, level):
    data = edition.catalogue.province if level == "province" else edition.catalogue.city
    table = scored_table(data, edition.boundaries.layer(level))
    known = table.cells.set_index(["code", "indicator", "year"])
    raw = stage(chain_frame(cached, level), "raw")
    years = cached[NAMES[f"{level}_chain"]][1][2:]
    rows = cached[NAMES[f"{level}_cells"]][TABLE_HEAD:]
    seen = 0
    for row in rows:
        for place, cell in enumerate(row[2:]):
            value = raw.loc[row[0]].iloc[place]
            assert (cell == "") == bool(np.isnan(value))
            if cell:
                quality, source, year = cell.split(" · ")
                name = raw.columns[place]
                held = known.loc[row[0], name, 0 if year == "常年值" else int(year)]
                assert year in ("常年值", years[place])
                assert (held["quality"], held["source"]) == (quality, source)
                assert held["value"] == value
                seen += 1
    assert seen == int(raw.notna().to_numpy().sum()) > 700


def test_changes_list_every_filled_and_treated_cell(edition, cached):
    rows = cached[NAMES["changes"]][TABLE_HEAD:]
    expected = sum(
        int((scores.imputed != "").to_numpy().sum()) + len(scores.winsorised)
        for scores in map(edition.scores, LEVELS)
    )
    assert len(rows) == expected > 30


def test_filled_cells_are_marked(edition, book):
    scores = edition.scores("city")
    sheet = book[NAMES["city_chain"]]
    colours = {}
    for column in sheet.iter_cols(min_row=1, min_col=3):
        if column[HEAD - 1].value and str(column[HEAD - 1].value).endswith(":fill"):
            name = column[HEAD - 1].value.removesuffix(":fill")
            for cell in column[TOP - 1 :]:
                mark = scores.imputed.loc[sheet.cell(cell.row, 1).value, name]
                colours.setdefault(mark != "", set()).add(cell.fill.fgColor.rgb)
    assert colours[True] == {"FFFCE4D6"}
    assert colours[False].isdisjoint(colours[True])


def test_number_formats_suit_the_numbers(book):
    sheet = book[NAMES["province_scores"]]
    head = {cell.value: cell.column for cell in sheet[TABLE_HEAD]}
    formats = {
        name: sheet.cell(TABLE_HEAD + 1, place).number_format for name, place in head.items()
    }
    assert formats["综合算力"] == "0.00"
    assert formats["数据完整度"] == "0.0%"
    assert formats["名次"] == "0.##"
    weights = book[NAMES["province_weights"]]
    assert {cell.number_format for cell in weights["F"][-5:]} == {"0.00%"}
    gap = book[NAMES["gap_years"]]
    place = next(cell.column for cell in gap[TABLE_HEAD] if cell.value == "组间 p 值")
    assert gap.cell(TABLE_HEAD + 1, place).number_format == '[<0.001]"<0.001";0.000'


def test_every_column_is_in_the_dictionary(cached):
    rows = cached[NAMES["dictionary"]][TABLE_HEAD:]
    told = {}
    for sheet, column, meaning in rows:
        assert meaning
        told.setdefault(sheet, set()).add(column)
    for key in SHEETS:
        if key in ("readme", "dictionary"):
            continue
        if key.endswith("weights"):
            continue
        at = 0 if key.endswith("chain") else TABLE_HEAD - 1
        titles = {str(cell) for cell in cached[NAMES[key]][at] if cell not in ("", "← 返回说明")}
        assert titles <= told[NAMES[key]], key


@pytest.mark.parametrize("key", ["gap_years", "hub_rings", "gap_contributions"])
def test_tables_are_those_of_the_run(atlas, cached, key):
    table = pd.read_csv(atlas.path / "tables" / f"{key}.csv")
    rows = cached[NAMES[key]][TABLE_HEAD:]
    assert len(rows) == len(table)
    for place, name in enumerate(table.columns):
        if pd.api.types.is_float_dtype(table[name]):
            found = pd.Series([row[place] for row in rows]).replace("", np.nan).astype("float64")
            np.testing.assert_allclose(found, table[name], rtol=1e-12, atol=1e-12)


# Safe


def test_only_our_formulas_are_formulas(book):
    heads = {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    heads.setdefault(sheet.title, set()).add(
                        re.match(r"=\(?([A-Z]*)", cell.value)[1]
                    )
    assert set(heads) == {
        NAMES[f"{x}_{y}"] for x in LEVELS for y in ("scores", "ranks", "chain", "weights")
    }


@pytest.fixture(scope="module")
def spoilt(edition, tmp_path_factory):
    """An edition with payloads as names of units, sources and units of measurement."""
    study_catalogue = edition.catalogue

    def dealt(count):
        return [PAYLOADS[at % len(PAYLOADS)] for at in range(count)]

    def layer(frame):
        words = dealt(len(frame))
        return frame.assign(name=words, short_name=words, name_en=words)

    cells = study_catalogue.province.cells
    by_source = dict(zip(sorted(set(cells["source"])), PAYLOADS * 4, strict=False))
    by_unit = dict(zip(sorted(set(cells["unit"])), PAYLOADS * 9, strict=False))
    table = IndicatorTable(
        cells=cells.assign(source=cells["source"].map(by_source), unit=cells["unit"].map(by_unit))
    )
    sources = study_catalogue.sources
    catalogue = replace(
        study_catalogue, province=table, sources=sources.assign(title=dealt(len(sources)))
    )
    boundaries = replace(
        edition.boundaries,
        province=layer(edition.boundaries.province),
        city=layer(edition.boundaries.city),
    )
    target = tmp_path_factory.mktemp("spoilt") / "suanli.xlsx"
    write_workbook(replace(edition, catalogue=catalogue, boundaries=boundaries), target)
    return target


def test_hostile_texts_stay_texts(book, spoilt):
    found = opened(spoilt)

    def formulas(which):
        return {
            (sheet.title, cell.coordinate): cell.value
            for sheet in which.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        }

    # The same formulas as without them: nothing hostile became one, or reached one.
    assert formulas(found) == formulas(book)
    texts = {cell.value for row in found[NAMES["province_scores"]].iter_rows() for cell in row}
    assert set(PAYLOADS[:6]) <= texts
    assert "\\u001b[2J\\u202egpj.exe" in texts
    assert max(len(text) for text in texts if isinstance(text, str)) == 32_767


@pytest.mark.parametrize("which", ["path", "spoilt"])
def test_nothing_leads_out_of_the_file(which, request):
    with zipfile.ZipFile(request.getfixturevalue(which)) as archive:
        for name in archive.namelist():
            assert b"TargetMode" not in archive.read(name), name
        assert not [name for name in archive.namelist() if "external" in name or "vba" in name]


def test_equal_editions_give_equal_bytes(edition, path, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    write_workbook(edition, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()
    assert path.stat().st_size < 3_000_000


def test_english_edition_is_written(edition, tmp_path):
    write_workbook(replace(edition, text=Text("en")), tmp_path / "en.xlsx")
    english = sheet_names(Text("en"))
    found = values(tmp_path / "en.xlsx")
    assert list(found) == list(english.values())
    rows = found[english["province_scores"]]
    assert rows[TABLE_HEAD - 1][:3] == ["Rank", "Code", "Name"]
    # What is ours to word is English; sources and reasons are as their authors wrote them.
    for key in ("province_scores", "gap_years", "hub_rings", "province_lisa", "dictionary"):
        told = " ".join(str(cell) for row in found[english[key]] for cell in row)
        assert not re.search(r"[\u4e00-\u9fff]", told), key


# In its place


def test_the_record_and_the_front_page_name_it(atlas, path):
    record = json.loads((atlas.path / MANIFEST).read_text(encoding="utf-8"))
    assert "suanli.xlsx" in {item["path"] for item in record["outputs"]}
    page = (atlas.path / "maps" / "index.html").read_text(encoding="utf-8")
    assert 'href="../suanli.xlsx"' in page


def test_a_part_alone_leaves_it_and_its_record(atlas, path, tmp_path):
    shutil.copytree(atlas.path, tmp_path / "out")
    config = RunConfig(out=tmp_path / "out", permutations=99, redraws=99, replicates=99)
    publish_part(config, "export")
    record = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    assert "suanli.xlsx" in {item["path"] for item in record["outputs"]}
    assert (tmp_path / "out" / "suanli.xlsx").read_bytes() == path.read_bytes()


def test_a_folder_in_its_place_is_refused(tmp_path):
    from suanli.run import run_all

    (tmp_path / "suanli.xlsx").mkdir()
    with pytest.raises(InputError) as caught:
        run_all(RunConfig(out=tmp_path, permutations=99, redraws=99, replicates=99))
    assert caught.value.problems[0].code == "run.not_a_file"


# Recalculated


def test_recalculation_gives_our_values(path, cached, book, recalculated):
    before, after = map(values, recalculated(path))
    compared = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                place = cell.row - 1, cell.column - 1
                ours, zero, found = (
                    x[sheet.title][place[0]][place[1]] for x in (cached, before, after)
                )
                assert zero == 0
                if isinstance(ours, str):
                    assert found == ours
                else:
                    assert abs(found - ours) <= 1e-9 * max(1.0, abs(ours)), cell.coordinate
                compared += 1
    assert compared > 20_000
    for level in LEVELS:
        found, ours = (chain_frame(x, level) for x in (after, cached))
        assert stage(found, "rank").equals(stage(ours, "rank"))


def test_changed_weights_give_what_the_engine_gives(edition, path, tmp_path, recalculated):
    """Change cells of both levels as a reader would, and evaluate the profile so changed."""
    changed = {
        "province": {"compute": 0.1, "fibre_length": 0.9, "resource": 0.0, "latency_to_hub": 3.0},
        "city": {"demand": 0.7, "temperature": 0.05},
    }
    book = opened(path)
    for level, weights in changed.items():
        for row in book[NAMES[f"{level}_weights"]].iter_rows(min_row=8):
            if row[0].value in weights:
                assert row[5].data_type == "n"
                row[5].value = weights[row[0].value]
    book.save(tmp_path / "changed.xlsx")
    after = values(recalculated(tmp_path / "changed.xlsx")[1])
    for level, weights in changed.items():
        ours = evaluated(edition, level, weights)
        found = chain_frame(after, level)
        scores, ranks = stage(found, "score"), stage(found, "rank")
        difference = (scores.reindex(ours.nodes.index)[ours.nodes.columns] - ours.nodes).abs()
        assert difference.to_numpy()[ours.nodes.notna()].max() < 1e-9
        assert ranks.reindex(ours.ranks.index)[ours.ranks.columns].equals(
            ours.ranks.astype("float64")
        )
        assert not ours.ranks[ROOT].equals(edition.scores(level).ranks[ROOT])
        listed = after[NAMES[f"{level}_scores"]][TABLE_HEAD:]
        now = {row[1]: row[0] for row in listed if row[0] != ""}
        assert now == ours.ranks[ROOT].dropna().to_dict()
        own = edition.scores(level).ranks[ROOT]
        assert {row[1]: row[-1] for row in listed if row[0] != ""} == {
            code: own[code] - rank for code, rank in now.items()
        }


def raw_cell(book, level, name, code):
    """The raw value of a unit, of the latest year."""
    sheet = book[NAMES[f"{level}_chain"]]
    places = [cell.column for cell in sheet[HEAD] if cell.value == name]
    row = next(cell.row for cell in sheet["A"] if cell.value == code)
    return sheet.cell(row, places[0])


def table_with(edition, level, changes):
    """The data with values changed: removed where None."""
    data = edition.catalogue.province if level == "province" else edition.catalogue.city
    table = scored_table(data, edition.boundaries.layer(level))
    cells = table.cells.copy()
    for (name, code), value in changes.items():
        mine = (cells["code"] == code) & (cells["indicator"] == name)
        assert mine.any()
        # A gap in every year: otherwise the engine fills it from another, as no formula does.
        year = edition.scores(level).spec.year if value is not None else cells["year"]
        cells.loc[mine & (cells["year"] == year), "value"] = value
    return IndicatorTable(cells=cells.dropna(subset=["value"]))


def test_what_the_engine_refuses_leaves_no_rank(edition, path, tmp_path, recalculated):
    """A raw value of 0 under a logarithm, and a weight below 0, pasted past the validation."""
    with pytest.raises(InputError) as refused:
        evaluate(
            table_with(edition, "province", {("web_pages", "140000"): 0.0}),
            edition.scores("province").spec,
        )
    assert {problem.code for problem in refused.value.problems} == {"evaluation.log_domain"}
    book = opened(path)
    raw_cell(book, "province", "web_pages", "140000").value = 0
    weight = next(
        row for row in book[NAMES["city_weights"]].iter_rows() if row[0].value == "demand"
    )
    weight[5].value = -1
    book.save(tmp_path / "wrong.xlsx")
    after = opened(recalculated(tmp_path / "wrong.xlsx")[1], data_only=True)
    for level in LEVELS:
        ranks = edition.scores(level).ranks[ROOT]
        rows = after[NAMES[f"{level}_scores"]].iter_rows(min_row=TABLE_HEAD + 1, values_only=True)
        told = {row[1]: row for row in rows}
        assert len(told) == len(ranks)
        for code, rank in ranks.items():
            # Rank, index and by how much the rank moved.
            shown = (told[code][0], told[code][3 if level == "province" else 4], told[code][-1])
            wrong = [str(cell).startswith("#") for cell in shown]
            assert all(wrong) if pd.notna(rank) else not any(map(np.isscalar, shown)) or any(wrong)


def test_changed_and_emptied_raw_data_give_what_the_engine_gives(
    edition, path, tmp_path, recalculated
):
    changes = {
        "province": {("web_pages", "140000"): 900_000.0, ("fibre_length", "530000"): None},
        "city": {("secondary_value_added", "440300"): None, ("telecom_revenue", "130700"): 300.0},
    }
    book = opened(path)
    for level, cells in changes.items():
        for (name, code), value in cells.items():
            raw_cell(book, level, name, code).value = value
    book.save(tmp_path / "changed.xlsx")
    after = values(recalculated(tmp_path / "changed.xlsx")[1])
    for level, cells in changes.items():
        spec = edition.scores(level).spec
        table = table_with(edition, level, cells)
        ours = evaluate(table, spec)
        found = stage(chain_frame(after, level), "indicator")
        derived = ours.stages["derived"]
        pd.testing.assert_frame_equal(
            found.reindex(index=derived.index, columns=derived.columns), derived.astype("float64"),
            check_names=False, rtol=1e-9,
        )  # fmt: skip
        scores = stage(chain_frame(after, level), "score")
        assert scores[ROOT].notna().equals(ours.index.reindex(scores.index).notna())
        # Of cities the limits of winsorising are found anew, as the readme says.
        if level == "province":
            difference = (scores.reindex(ours.nodes.index)[ours.nodes.columns] - ours.nodes).abs()
            assert difference.to_numpy()[ours.nodes.notna()].max() < 1e-9


@pytest.mark.parametrize("level", LEVELS)
def test_raw_cells_refuse_what_lies_outside_and_hold_what_lies_within(edition, book, level):
    spec, sheet = edition.scores(level).spec, book[NAMES[f"{level}_chain"]]
    known = edition.catalogue.indicators
    limits = limits_of(spec, known[known["level"] == level].set_index("indicator"))
    checks = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    told = " ".join(str(cell.value) for row in book[NAMES["readme"]].iter_rows() for cell in row)
    seen = 0
    for column in sheet.iter_cols(min_row=1, min_col=3):
        name, year = column[HEAD - 1].value, column[1].value
        limit = limits.get(f"{name}@{year}")
        if limit is None:
            continue
        letter = column[0].column_letter
        rule = checks[f"{letter}{TOP}:{letter}{sheet.max_row}"]
        assert rule.type == "custom"
        assert rule.formula1.startswith(f"AND(ISNUMBER({letter}{TOP})")
        assert rule.showErrorMessage
        assert limit_said(Text("zh"), limit) in rule.error
        assert (column[4].value, column[5].value) == (limit.low, limit.high)
        assert limit_said(Text("zh"), limit) in told
        assert column[2].value in told
        given = [cell.value for cell in column[TOP - 1 :] if cell.value is not None]
        assert given
        assert all(map(limit.fits, given))
        seen += 1
    assert seen == len(limits) == len(checks) > 8
    assert limits_of(spec, known[:0].set_index("indicator")).keys() <= limits.keys()


def evaluated(edition, level, changed):
    """Evaluate the profile with local weights changed, siblings re-scaled to sum to 1."""
    scores = edition.scores(level)
    local = scores.weights["local"].copy()
    local.update(pd.Series(changed))
    local /= local.groupby(scores.weights["parent"]).transform("sum")
    spec = scores.spec
    weighed = {
        kind: [
            item.model_dump() | {"weight": float(local[item.id])} for item in getattr(spec, kind)
        ]
        for kind in ("dimension", "indicator")
    }
    given = replace_spec(spec, method={"weight": "given"}, **weighed)
    data = edition.catalogue.province if level == "province" else edition.catalogue.city
    return evaluate_from(
        derivation(scored_table(data, edition.boundaries.layer(level)), spec), given
    )
