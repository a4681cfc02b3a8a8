"""Whatever is in a file, it is read or refused in words: nothing raised, hung or swollen.

Run as a script it spoils real-looking files byte by byte: ``python test_fuzz.py COUNT SEED``.
"""

import io
import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from suanli.intake import Given, How, Intake, read_file
from suanli.intake.known import frame_of_text, gazetteer_of
from suanli.intake.quality import Inspection
from suanli.intake.rules import RULES
from suanli.locations import data_folder
from suanli.text import LANGUAGES, Text

TABLES, MANY_TABLES = 2_000, 10_000
FILES, MANY_FILES = 400, 2_000
SECONDS = 10
MEGABYTES = 1_024
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

GAZETTEER = gazetteer_of(data_folder())
INDICATORS = frame_of_text(data_folder() / "indicators" / "indicators.csv")
CODES = set(GAZETTEER.units["code"])
NAMES = GAZETTEER.units.query("level == 'province' and evaluated == '1'").set_index("code")["name"]


def taken(path: Path) -> Intake:
    """Take a file in, look at its values, say everything; and hold the outcome to its promises."""
    # A sheet of one indicator, as the statistics bureau exports it, does not always name it.
    how = How(given=Given(indicator="population", unit="万人")) if path.suffix == ".xls" else None
    found = read_file(path, gazetteer=GAZETTEER, indicators=INDICATORS, how=how)
    ledger, cells = found.ledger, found.table.cells
    Inspection(table=found.table, names=NAMES, file=path.name, ledger=ledger).run()
    assert not cells.empty or ledger.refused
    assert np.isfinite(cells["value"]).all()
    assert set(cells["code"]) <= CODES
    assert sum(ledger.counts.values()) == len(ledger.findings) + ledger.unlisted
    for finding in ledger.findings[:50]:
        assert finding.rule in RULES
        problem = finding.problem()
        for lang in LANGUAGES:
            assert path.name in Text(lang)(problem.code, **problem.params)
    return found


# Tables made of what offices write.


def _words(text: str) -> list[str]:
    return text.split()


HEADINGS = st.sampled_from(
    [
        *_words(
            """
        代码 地区 城市 所属省份 级别 年份 指标 数值 单位 来源 备注 序号 地区生产总值
        地区生产总值（亿元） 地区生产总值（万元） gdp GDP 2022年 2023 常住人口 年末常住人口（万人）
        光缆线路长度(万公里) 合计 单位：亿元 地区生产总直 温度计 2023年地区生产总值
        国内专利授权数（件）
        """
        ),
        "",
        " ",
        "=1+1",
        "<b>",
    ]
)
NAMED = st.sampled_from(
    [
        *_words(
            """
        北京市 天津 河北省 内蒙 廣東省 吉林 海南 石家庄市 唐山 廊 坊 廓坊 昆山市 雄安新区 襄樊市
        莱芜市 全国 合计 全省 注：试算 数据来源：统计局 110000 11 130100.0 130100000000 371200
        999999 香港 单位：万元
        """
        ),
        "",
        "\u200b北　京",
        "<img src=x>",
        "=cmd|' /C calc'!A0",
        "２０２３年",
    ]
)
NUMBERS = st.sampled_from(
    [
        *_words(
            """
        0 1 12.5 -3 1e400 1,234.5 1,25 １２．５ 12% 0.12 5-6 <0.1 约5 5.3(估) 12.5* 12.5① — … / N/A
        无 NaN Inf #REF! #DIV/0! =1+1 1月2日 2023-01-02 1.2万 3亿元 abc 1_000 0x1F 1e308
        99999999999999999999
        """
        ),
        "",
        " ",
        "\ufeff1",
    ]
)
ANY = st.text(max_size=8)
YEARS = st.sampled_from(["2022", "2023", "2023年", "2023.0", "0", "23", "去年", ""])
LEVELS = st.sampled_from(["省级", "地级", "city", "", "x"])


KINDS = {
    "name": NAMED,
    "year": YEARS,
    "level": LEVELS,
    "value": NUMBERS,
    "other": NUMBERS,
    "any": ANY,
}
SOUND = {
    "name": st.sampled_from(list(NAMES)),
    "year": st.sampled_from(["2022", "2023", "2023年"]),
    "level": st.sampled_from(["省级", ""]),
    "value": st.sampled_from(["1", "12.5", "1,234.5", "—", "３", "12.5*"]),
    "any": st.sampled_from(["", "a", "甲"]),
    "other": st.sampled_from(["1", "2,000", "无"]),
}
HEADED = {
    "year": st.just("年份"),
    "level": st.just("级别"),
    "other": st.sampled_from(["年末常住人口（万人）", "光缆线路长度(万公里)"]),
    "any": st.sampled_from(["备注", "序号", "温度计"]),
}


@st.composite
def grids(draw: st.DrawFn) -> list[list[str]]:
    """Title rows, one or two rows of header, rows of data, notes; some sound, some of it not."""
    some_roles = st.lists(st.sampled_from(list(HEADED)), max_size=4, unique=True)
    roles = ["name", "value", *draw(some_roles)]
    # How many of ten cells are anything at all: none, few, or all.
    noise = draw(st.sampled_from([0, 0, 1, 10]))

    def some(role: str, sound: dict[str, st.SearchStrategy[str]], rest: object) -> str:
        loud = noise and draw(st.integers(0, 9)) < noise
        return draw(rest if loud else sound[role])

    titles = HEADINGS if noise else st.sampled_from(["2023年各地区主要指标", "单位：亿元"])
    rows = [[draw(titles)] for _ in range(draw(st.integers(0, 2)))]
    heads = HEADED | {"name": st.just("地区"), "value": st.just("地区生产总值（亿元）")}
    rows.append([some(role, heads, HEADINGS) for role in roles])
    if noise:
        rows += [[draw(HEADINGS) for _ in roles] for _ in range(draw(st.integers(0, 1)))]
    rows += [
        [some(role, SOUND, KINDS[role]) for role in roles] for _ in range(draw(st.integers(0, 6)))
    ]
    if draw(st.integers(0, 3)) == 0:
        rows.append([draw(NAMED)])
    return rows


WAYS = st.sampled_from(
    [(",", "utf-8"), (",", "utf-8-sig"), (",", "gb18030"), ("\t", "utf-16"), (";", "utf-8"),
     ("，", "utf-8"), (",", "big5"), ("|", "utf-8"), ("", "xlsx"), ("", "xlsx")]
)  # fmt: skip


def written(path: Path, rows: list[list[str]], way: tuple[str, str]) -> Path:
    separator, encoding = way
    if encoding == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("数据")
        for row in rows:
            sheet.append([_cell(text) for text in row])
        book.save(path.with_suffix(".xlsx"))
        return path.with_suffix(".xlsx")
    quoted = [
        separator.join(f'"{c}"' if separator in c or "\n" in c else c for c in row) for row in rows
    ]
    path.write_bytes("\n".join(quoted).encode(encoding, "ignore"))
    return path


def _cell(text: str) -> object:
    # openpyxl refuses control characters, which no sheet can hold.
    plain = "".join(c for c in text if c.isprintable())
    try:
        return float(plain) if np.isfinite(float(plain)) else plain
    except ValueError:
        return plain


def fuzzed(count: int, folder: Path) -> dict[str, int]:
    """Read so many tables; count what came of them."""
    seen = {"read": 0, "refused": 0}

    @settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        # What fails is small already; to shrink it takes longer than all the rest.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(rows=grids(), way=WAYS)
    def check(rows: list[list[str]], way: tuple[str, str]) -> None:
        found = taken(written(folder / "表.csv", rows, way))
        seen["refused" if found.ledger.refused else "read"] += 1

    check()
    return seen


def test_generated_tables_are_read_or_refused_in_words(tmp_path: Path) -> None:
    seen = fuzzed(TABLES, tmp_path)
    assert sum(seen.values()) >= TABLES
    # Neither outcome is rare: the tables are neither noise nor all sound.
    assert min(seen.values()) > TABLES // 20, seen


@pytest.mark.slow
def test_many_generated_tables(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--runslow"):
        pytest.skip("needs --runslow")
    assert sum(fuzzed(MANY_TABLES, tmp_path).values()) >= MANY_TABLES


# Real-looking files with bytes spoilt.


def originals() -> dict[str, bytes]:
    """Whole files of every kind that is read."""
    rows = [
        ["2023年各地区主要指标", "", "", ""],
        ["地区", "代码", "地区生产总值（亿元）", "年末常住人口（万人）"],
    ]
    rows += [[name, code, f"{i * 1234.5:,.1f}", str(i * 100)] for i, (code, name) in
             enumerate(NAMES.items(), 1)]  # fmt: skip
    rows += [["全国", "", "612345.6", ""], ["注：试算数据", "", "", ""]]
    table = pd.DataFrame(rows)
    text = table.to_csv(index=False, header=False)
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    book.create_sheet("说明").append(["本表由统计处提供"])
    stream = io.BytesIO()
    book.save(stream)
    made = {
        "utf8.csv": text.encode("utf-8-sig"),
        "gbk.csv": text.encode("gb18030"),
        "utf16.txt": table.to_csv(index=False, header=False, sep="\t").encode("utf-16"),
        "book.xlsx": stream.getvalue(),
    }
    samples = sorted(SAMPLES.iterdir()) if SAMPLES.is_dir() else []
    return made | {path.name: path.read_bytes() for path in samples}


def mutations(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return files cut, flipped, encoded anew, spliced and stuttered, without end."""
    files = originals()
    names = list(files)
    encodings = ("utf-8", "gb18030", "utf-16", "big5", "latin-1", "shift_jis")
    while True:
        name = rng.choice(names)
        data = bytearray(files[name])
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            how = rng.randrange(6)
            at = rng.randrange(len(data) + 1)
            if how == 0:
                del data[at:]
            elif how == 1:
                for _ in range(rng.choice((1, 4, 16, 64))):
                    if data:
                        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            elif how == 2:
                old, new = rng.choice(encodings), rng.choice(encodings)
                data = bytearray(bytes(data).decode(old, "replace").encode(new, "replace"))
            elif how == 3:
                other = files[rng.choice(names)]
                data[at:] = other[rng.randrange(len(other)) :]
            elif how == 4:
                piece = bytes(data[at : at + rng.randrange(1, 400)])
                data[at:at] = piece * rng.choice((1, 2, 50))
            else:
                data[at:at] = rng.randbytes(rng.randrange(1, 40))
        yield name, bytes(data)


def peak_megabytes() -> float:
    """Memory this process has held at most; getrusage would count its parent's before exec."""
    status = Path("/proc/self/status")
    if status.is_file():
        peak = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
        if peak:
            return int(peak[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def spoilt(count: int, seed: int) -> dict[str, object]:
    """Read so many spoilt files, each within its seconds of processor time."""
    seen = {"read": 0, "refused": 0}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        # The processor's time, not the clock's: other work on the machine does not count.
        signal.signal(signal.SIGPROF, _too_long)
        rng = random.Random(seed)  # noqa: S311 - nothing secret is drawn
        for (name, data), _ in zip(mutations(rng), range(count), strict=False):
            path = Path(folder) / name
            path.write_bytes(data)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            found = taken(path)
            left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, SECONDS - left)
            seen["refused" if found.ledger.refused else "read"] += 1
    megabytes = peak_megabytes()
    return {**seen, "slowest": round(slowest, 2), "megabytes": round(megabytes)}


def _too_long(*_: object) -> None:
    raise TimeoutError(f"a file took more than {SECONDS} s")


def in_a_process(count: int, seed: int) -> dict[str, int]:
    command = [sys.executable, "-W", "error", __file__, str(count), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    outcome: dict[str, int] = json.loads(done.stdout)
    return outcome


def bounded(outcome: dict[str, int], count: int) -> None:
    assert outcome["read"] + outcome["refused"] == count
    assert outcome["refused"] > count // 20
    assert outcome["megabytes"] < MEGABYTES


def test_spoilt_files_are_read_or_refused_in_bounds() -> None:
    bounded(in_a_process(FILES, 1), FILES)


@pytest.mark.slow
def test_many_spoilt_files(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--runslow"):
        pytest.skip("needs --runslow")
    bounded(in_a_process(MANY_FILES, 2), MANY_FILES)


if __name__ == "__main__":
    print(json.dumps(spoilt(int(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201
