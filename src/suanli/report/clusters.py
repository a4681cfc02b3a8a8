"""The chapter on where high and low scores gather, or do not."""

from pathlib import Path
from typing import Final

from suanli.analysis.conclusion import spatial_conclusions
from suanli.analysis.spatial import SpatialResult
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.report.blocks import bullets, note, paragraph, picture, section, see, table
from suanli.report.document import Block, Section, Table
from suanli.report.numerals import number, p_cell, percent
from suanli.report.phrases import counted, joined, listed, say

__all__ = ["clusters"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_KINDS: Final = ("HH", "LL", "HL", "LH")
_NAMED: Final = 30


def clusters(edition: Edition, pictures: Path) -> Section | None:
    """Report whether scores cluster, where, and whether other weights agree.

    Parameters
    ----------
    edition : Edition
        What is published.
    pictures : pathlib.Path
        Folder of the run's figures.

    Returns
    -------
    Section or None
        The chapter.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [part.key for part in clusters(sample_edition(), Path()).sections]
    ['clusters-province', 'clusters-city', 'clusters-weights']
    """
    whole = _whole(edition)
    notes = [
        edition.text(
            "front.at_level",
            level=edition.text(f"home.level_{level}"),
            sentence=edition.tested_note(level),
        )
        for level in _LEVELS
        if edition.tested_note(level)
    ]
    return section(
        "clusters",
        say(edition, "clusters.title"),
        paragraph(
            edition,
            say(edition, "clusters.lead"),
            edition.tests_note(),
            say(edition, "clusters.fdr", share=percent(edition.study.settings.alpha)),
        ),
        note(edition, *notes),
        whole,
        sections=[*(_level(edition, pictures, level) for level in _LEVELS), _weights(edition)],
    )


def _pattern(edition: Edition, level: Level) -> SpatialResult:
    study = edition.study
    return study.province_pattern if level == "province" else study.city_pattern


def _whole(edition: Edition) -> Table | None:
    """Lay out the four global tests."""
    study = edition.study
    patterns = {
        ("province", "tested"): study.province_pattern,
        ("city", "tested"): study.city_pattern,
        ("province", "described"): study.province_described,
        ("city", "described"): study.city_described,
    }
    rows = []
    for (level, scores), pattern in patterns.items():
        moran = pattern.moran
        rows.append(
            (
                edition.text(f"home.level_{level}"),
                say(edition, f"clusters.scores_{scores}"),
                str(moran.n),
                number(moran.statistic, 3),
                number(moran.expected, 3),
                number(moran.z),
                p_cell(moran.p_permutation),
            )
        )
    heads = ("level", "scores", "n", "moran", "expected", "z", "p")
    return table(
        "moran",
        say(edition, "clusters.whole_caption"),
        [
            (say(edition, f"clusters.head_{head}"), "left" if at < 2 else "right")  # noqa: PLR2004
            for at, head in enumerate(heads)
        ],
        rows,
        note=edition.text("maps.described_note"),
    )


def _level(edition: Edition, pictures: Path, level: Level) -> Section | None:
    pattern = _pattern(edition, level)
    text = edition.text
    wanted = {
        f"{level}-lisa": (text(f"maps.title_lisa_{level}"), "lisa"),
        f"{level}-evidence": (text(f"figures.title_evidence_{level}"), "evidence"),
        f"{level}-hot-spots": (text(f"figures.title_gi_{level}"), "lisa"),
        f"{level}-moran": (text(f"figures.title_moran_{level}"), "moran"),
    }
    shown: list[Block | None] = [
        picture(pictures, stem, caption=caption, shows=kind, edition=edition)
        for stem, (caption, kind) in wanted.items()
    ]
    members = _members(edition, level, pattern)
    said = [text(item.key, **item.params) for item in spatial_conclusions(pattern)]
    return section(
        f"clusters-{level}",
        say(edition, f"clusters.title_{level}"),
        paragraph(
            edition,
            *said,
            _left_out_said(edition, level, pattern),
            _pointed(edition, members, shown),
        ),
        members,
        *shown,
    )


def _pointed(edition: Edition, members: Table | None, shown: list[Block | None]) -> str:
    if members is None and not any(shown):
        return ""
    key = "see" if members else "see_maps"
    return say(edition, f"clusters.{key}", see=see(edition, members, *shown))


def _members(edition: Edition, level: Level, pattern: SpatialResult) -> Table | None:
    """Name the units in clusters, those farthest from the mean first."""
    found = pattern.local.set_index("code")
    names = edition.unit_names(level, short=True)
    rows = []
    for kind in _KINDS:
        codes = found.index[found["cluster"] == kind]
        if codes.empty:
            continue
        far = (found.loc[codes, "value"] - found["value"].mean()).abs()
        order = far.sort_values(ascending=False, kind="stable").index
        told = listed(edition, names.reindex(order[:_NAMED]))
        if len(order) > _NAMED:
            told = say(edition, "clusters.more", names=told, n=len(order))
        rows.append((edition.text(f"maps.lisa_{kind}"), str(len(codes)), told))
    heads = (("kind", "left"), ("count", "right"), ("members", "left"))
    return table(
        f"clusters-{level}",
        say(edition, f"clusters.members_caption_{level}"),
        [(say(edition, f"clusters.head_{head}"), align) for head, align in heads],
        rows,
        note=say(edition, "clusters.members_note", alpha=f"{pattern.alpha:g}"),
    )


def _left_out_said(edition: Edition, level: Level, pattern: SpatialResult) -> str:
    """Say who is not tested: units without a tested score or without neighbours."""
    layer = edition.boundaries.layer(level)
    evaluated = layer.index[layer["evaluated"]]
    gone = pattern.left_out["code"].isin(evaluated).sum()
    said = counted(edition, "clusters.left_out", int(gone)) if gone else ""
    alone = len(pattern.weights.isolates)
    return joined(edition, [said, counted(edition, "clusters.alone", alone) if alone else ""])


def _weights(edition: Edition) -> Section | None:
    """Ask the global test of other weights."""
    found, alpha = edition.study.sensitivity, edition.study.settings.alpha
    rows = [
        (
            edition.text(f"common.{row['level']}"),
            _rule(edition, str(row["rule"])),
            str(int(row["n"])),
            str(int(row["isolates"])),
            number(row["statistic"], 3),
            p_cell(row["p"]),
        )
        for row in found.to_dict("records")
    ]
    heads = ("level", "rule", "n", "isolates", "moran", "p")
    made = table(
        "moran-weights",
        say(edition, "clusters.weights_caption"),
        [
            (say(edition, f"clusters.head_{head}"), "left" if at < 2 else "right")  # noqa: PLR2004
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "clusters.weights_note", redraws=edition.study.settings.redraws),
    )
    said = []
    for level in _LEVELS:
        mine = found[found["level"] == level]
        if mine.empty:
            continue
        found_so = mine["p"].le(alpha)
        above = mine["statistic"] > mine["expected"]
        params = {
            "rules": len(mine),
            "up": int((found_so & above).sum()),
            "down": int((found_so & ~above).sum()),
            "none": int((~found_so).sum()),
            "alpha": f"{alpha:g}",
            "least": number(mine["statistic"].min(), 3),
            "most": number(mine["statistic"].max(), 3),
        }
        said.append(
            edition.text(
                "front.at_level",
                level=edition.text(f"home.level_{level}"),
                sentence=say(edition, "clusters.weights_said", **params),
            )
        )
    pointing = say(edition, "clusters.weights_see", see=see(edition, made))
    return section(
        "clusters-weights",
        say(edition, "clusters.weights"),
        paragraph(edition, pointing),
        bullets(said),
        made,
    )


def _rule(edition: Edition, rule: str) -> str:
    """Name a rule of weights."""
    key = f"shown.value.{rule}"
    if edition.text.has(key):
        return edition.text(key)
    kind, _, k = rule.rpartition("-")
    return edition.text("shown.value.nearest", k=k) if kind == "knn" else rule
