"""Draw the pictures of docs/gallery.md by a real study of the shipped data.

    python scripts/build_gallery.py [FOLDER]

Default settings, so every figure is the one ``suanli run`` draws, only at fewer dots per inch and
with 256 colours. A few are in Chinese, as planners get them; most in English, as the page is.
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from geo.cartography.figure_file import write_figure
from geo.storage import write_bytes
from suanli.publish.mapping import Mapper
from suanli.publish.plates import bivariate_plate, dimension_plate, score_plate, year_plate
from suanli.publish.score_charts import (
    gap_chart,
    leaders_chart,
    moran_chart,
    ranks_chart,
    top_chart,
)
from suanli.publish.spatial_plates import evidence_plate, ring_plate
from suanli.publish.themes import Classing
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.whole import edition_of

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
DPI, COLOURS = 110, 256

BOX = Classing(scheme="box_map", palette="BuRd")
#: Name of the file to its language and how it is drawn.
PICTURES: Mapping[str, tuple[str, Callable[[Mapper], Any]]] = {
    "province-index": ("zh", lambda m: score_plate(m, "province", "index")),
    "city-index": ("en", lambda m: score_plate(m, "city", "index")),
    "box-map": ("en", lambda m: score_plate(m, "province", "compute", classing=BOX)),
    "dimensions": ("zh", lambda m: dimension_plate(m, "province")),
    "years": ("en", lambda m: year_plate(m, "index")),
    "bivariate": ("en", lambda m: bivariate_plate(m, "province", "compute", "environment")),
    "evidence": ("en", lambda m: evidence_plate(m, "city")),
    "moran": ("en", lambda m: moran_chart(m.edition, "city")),
    "rings": ("zh", ring_plate),
    "top10": ("zh", lambda m: top_chart(m.edition, "province")),
    "leaders": ("en", lambda m: leaders_chart(m.edition, "province")),
    "ranks": ("en", lambda m: ranks_chart(m.edition, "province")),
    "gap": ("en", lambda m: gap_chart(m.edition)),
}


def main() -> None:
    """Draw every picture into the folder."""
    parser = argparse.ArgumentParser(description="Draw the pictures of docs/gallery.md.")
    parser.add_argument("folder", nargs="?", type=Path, default=GALLERY)
    folder = parser.parse_args().folder
    config = RunConfig()
    inputs = load_inputs(config)
    study = study_of(inputs, config, stages=())
    mappers = {
        lang: Mapper(edition_of(inputs, study, config.model_copy(update={"lang": lang})))
        for lang in ("zh", "en")
    }
    with tempfile.TemporaryDirectory() as scratch:
        for name, (lang, draw) in PICTURES.items():
            (made,) = write_figure(
                draw(mappers[lang]), Path(scratch) / name, formats=("png",), dpi=DPI
            )
            # Of the methods there are, this one keeps colours that few pixels have.
            picture = Image.open(made).quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
            picture.save(made, optimize=True)
            write_bytes(folder / f"{name}.png", made.read_bytes())
            print(f"{name}.png {made.stat().st_size // 1000} KB", flush=True)


if __name__ == "__main__":
    main()
