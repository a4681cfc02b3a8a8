"""Build the fonts in ``geo/cartography/fonts`` from Debian's fonts-noto-cjk.

Two subsets of Noto Sans CJK SC, renamed as the Open Font License asks: an OTF for print figures
(GB 2312, names of all units, signs) and a small WOFF2 that offline pages carry inside, with the
characters of the unit names and of the interface. Run it again when units or sentences change:

    python scripts/build_font.py [--source NotoSansCJK-Regular.ttc]

The output bytes depend only on the source font, the texts in the repository and the fontTools
version: running it twice gives the same files.
"""

import argparse
import io
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "geo" / "cartography" / "fonts"
SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FAMILY = "Atlas Sans SC"
POSTSCRIPT = "AtlasSansSC-Regular"
# 2020-01-01 in seconds since 1904, the epoch of font tables: a fixed date keeps bytes equal.
FIXED_DATE = 3_660_681_600
WINDOWS = 3  # platform of name records, as the OpenType specification numbers them
SIGNS = (
    "\u00a0©®°±²³·×÷µ–—‘’“”†•…‰′″←↑→↓−√∞≈≠≤≥△▲▽▼□■○●◆◇★☆✓※№℃"
    "①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤαβγδθλμρσχ、。〈〉《》「」『』【】〔〕！（），．／：；＝？％～￥"
)
# Characters of unit names that GB 2312 lacks; kept by name so that no data file can drop them.
BEYOND_GB2312 = "埇沚浉瀍猇硚鄠"


def gb2312() -> set[str]:
    """Return every character of GB 2312."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def ascii_and_latin1() -> set[str]:
    """Return printable ASCII and the printable half of Latin-1."""
    return {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))}


def characters_of(paths: Iterable[Path]) -> set[str]:
    """Return the characters used in text files."""
    return {char for path in paths for char in path.read_text(encoding="utf-8") if char > "\x7f"}


def page_characters() -> set[str]:
    """Return what a page needs: signs, unit names, and the sentences of the interface."""
    texts = [
        ROOT / "data" / "boundaries" / "units.csv",
        *sorted((ROOT / "data" / "reference").glob("hubs.csv")),
        *sorted((ROOT / "data" / "indicators").glob("indicators.csv")),
        *sorted((ROOT / "src" / "suanli" / "messages" / "zh").glob("*.toml")),
        *sorted((ROOT / "src" / "suanli" / "profiles").glob("*.toml")),
    ]
    found = characters_of(path for path in texts if path.exists())
    return found | ascii_and_latin1() | set(SIGNS) | set(BEYOND_GB2312)


def rename(font: TTFont) -> None:
    """Give the subset its own family name, as the licence asks, and keep its licence records."""
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in (0, 7, 8, 9, 11, 13, 14)]
    table.names = [record for record in table.names if record.platformID == WINDOWS]
    names = {
        1: FAMILY,
        2: "Regular",
        3: f"{POSTSCRIPT};subset of Noto Sans CJK SC",
        4: FAMILY,
        5: "Version 1.000",
        6: POSTSCRIPT,
    }
    for identifier, value in names.items():
        table.setName(value, identifier, WINDOWS, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [POSTSCRIPT]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = FAMILY, FAMILY
    font["head"].created = font["head"].modified = FIXED_DATE


def subset(source: Path, characters: set[str], flavor: str | None) -> tuple[bytes, set[str]]:
    """Return the bytes of the renamed subset and the characters the source font lacks."""
    font = face(source)
    missing = {char for char in characters if ord(char) not in font.getBestCmap()}
    options = Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    options.recalc_timestamp = False
    options.flavor = flavor
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(ord(char) for char in characters))
    subsetter.subset(font)
    rename(font)
    font.flavor = flavor
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=False)
    return buffer.getvalue(), missing


def face(source: Path) -> TTFont:
    """Open the Simplified Chinese face of the collection."""
    collection = TTCollection(str(source), lazy=True)
    for font in collection.fonts:
        if font["name"].getDebugName(1) == "Noto Sans CJK SC":
            font.recalcTimestamp = False
            return font
    raise SystemExit(f"{source} holds no face 'Noto Sans CJK SC'")


def main() -> None:
    """Write the two fonts and say what they hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=SOURCE)
    source = parser.parse_args().source
    FONTS.mkdir(parents=True, exist_ok=True)
    page = page_characters()
    for name, characters, flavor in (
        (f"{POSTSCRIPT}.otf", page | gb2312(), None),
        (f"{POSTSCRIPT}-page.woff2", page, "woff2"),
    ):
        data, missing = subset(source, characters, flavor)
        (FONTS / name).write_bytes(data)
        print(f"{name}: {len(characters)} characters, {len(data):,} bytes")
        if missing:
            print("  not in the source font: " + " ".join(sorted(missing)))


if __name__ == "__main__":
    main()
