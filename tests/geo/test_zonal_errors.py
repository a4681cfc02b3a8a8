"""Rasters nobody can use: each is refused by name, and nothing is guessed."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from geo.errors import RasterError
from geo.raster import RasterBand, zonal_statistics

STEP = Affine(0.5, 0, 100, 0, -0.5, 40)
UTM = Affine(10_000, 0, 300_000, 0, -10_000, 4_400_000)

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def write(path: Path, values=None, *, transform=STEP, crs="EPSG:4326", **extra) -> Path:
    array = np.arange(400.0).reshape(20, 20) if values is None else np.asarray(values)
    rows, columns = array.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=array.dtype,
        crs=crs, transform=transform, **extra,
    ) as target:  # fmt: skip
        target.write(array, 1)
    return path


def layer(*bounds, crs="EPSG:4326", index="ab"):
    shapes = [shapely.box(*b) for b in bounds or [(101, 32, 105, 36), (105, 32, 108, 36)]]
    return gpd.GeoDataFrame(geometry=shapes, index=list(index)[: len(shapes)], crs=crs)


def truncated(folder):
    rng = np.random.default_rng(0)
    path = write(folder / "a.tif", rng.random((200, 200)), transform=STEP @ Affine.scale(0.1))
    whole = path.read_bytes()
    # The directory stands in front, the cells behind.
    path.write_bytes(whole[: len(whole) // 2])
    return path


def sheared(b, d):
    return lambda folder: write(folder / "a.tif", transform=Affine(0.5, b, 100, d, -0.5, 40))


def text(folder):
    (folder / "a.tif").write_text("code,value\n110000,1\n", encoding="utf-8")
    return folder / "a.tif"


def remote(folder):
    """A file that only tells where the raster is."""
    (folder / "a.vrt").write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand band="1"><SimpleSource>'
        "<SourceFilename>/vsicurl/http://localhost:1/a.tif</SourceFilename>"
        "</SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    return folder / "a.vrt"


FILES = {
    "raster.missing": lambda folder: folder / "none.tif",
    "raster.unreadable": text,
    "raster.damaged": truncated,
    "raster.no_crs": lambda folder: write(folder / "a.tif", crs=None),
    "raster.no_transform": lambda folder: write(folder / "a.tif", transform=Affine.identity()),
    "raster.local_crs": lambda folder: write(
        folder / "a.tif", crs='LOCAL_CS["site",UNIT["metre",1]]'
    ),
    "raster.not_degrees": lambda folder: write(folder / "a.tif", transform=UTM),
    "raster.not_metres": lambda folder: write(folder / "a.tif", crs="EPSG:32648"),
    "raster.no_overlap": lambda folder: write(
        folder / "a.tif", transform=Affine(0.5, 0, 0, 0, -0.5, 50)
    ),
    "raster.no_value": lambda folder: write(folder / "a.tif", np.full((20, 20), 7.0), nodata=7),
    "raster.undeclared_nodata": lambda folder: write(folder / "a.tif", np.full((20, 20), -9999.0)),
    "raster.complex": lambda folder: write(folder / "a.tif", np.full((20, 20), 1j)),
}


@pytest.mark.parametrize("code", FILES)
def test_a_raster_that_cannot_be_used_is_refused_by_name(tmp_path, code):
    path = FILES[code](tmp_path)
    with pytest.raises(RasterError) as caught:
        zonal_statistics(path, layer())
    assert caught.value.code == code
    assert path.name in str(caught.value)
    assert caught.value.params["path"] == str(path)


@pytest.mark.parametrize("transform", [(0.1, 0), (0, 0.1), (0.2, -0.2)])
def test_sheared_and_rotated_grids_are_refused(tmp_path, transform):
    with pytest.raises(RasterError) as caught:
        zonal_statistics(sheared(*transform)(tmp_path), layer())
    assert caught.value.code == "raster.rotated"


def test_mirrored_grids_are_refused(tmp_path):
    path = write(tmp_path / "a.tif", transform=Affine(-0.5, 0, 110, 0, -0.5, 40))
    with pytest.raises(RasterError) as caught:
        zonal_statistics(path, layer())
    assert caught.value.code == "raster.rotated"


def test_no_file_may_name_a_server(tmp_path):
    for path in (remote(tmp_path), Path("/vsicurl/http://localhost:1/a.tif")):
        with pytest.raises(RasterError) as caught:
            zonal_statistics(path, layer())
        assert caught.value.code in {"raster.unreadable", "raster.missing"}


@pytest.mark.parametrize("band", [0, 2, -1])
def test_a_wrong_band_names_those_there_are(tmp_path, band):
    with pytest.raises(RasterError, match="1 to 1") as caught:
        zonal_statistics(RasterBand(path=write(tmp_path / "a.tif"), band=band), layer())
    assert caught.value.code == "raster.no_band"


@pytest.mark.parametrize("size", [0, 1, 8, 100, 400, 900])
def test_a_file_cut_off_anywhere_never_gives_numbers(tmp_path, size):
    path = truncated(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RasterError) as caught:
        zonal_statistics(path, layer())
    unplaced = {"raster.no_crs", "raster.no_transform"}
    assert caught.value.code in {"raster.unreadable", "raster.damaged"} | unplaced


def test_layers_that_have_no_zones(tmp_path):
    path = write(tmp_path / "a.tif")
    points = gpd.GeoDataFrame(geometry=[shapely.Point(102, 33)], index=["p"], crs="EPSG:4326")
    pole = layer((-180, -90, 180, 90), crs="EPSG:4326")
    # Half of the globe is not on this one.
    globe = "+proj=ortho +lat_0=35 +lon_0=105 +datum=WGS84"
    flat = write(tmp_path / "m.tif", transform=Affine(1e5, 0, -1e6, 0, -1e5, 1e6), crs=globe)
    cases = [
        ("raster.layer_no_crs", path, layer().set_crs(None, allow_override=True)),
        ("raster.repeated_label", path, layer(index="aa")),
        ("raster.layer_not_polygons", path, points),
        ("raster.layer_unprojectable", flat, pole),
        ("raster.no_overlap", path, layer().iloc[:0]),
    ]
    for code, raster, zones in cases:
        with pytest.raises(RasterError) as caught:
            zonal_statistics(raster, zones)
        assert caught.value.code == code, str(caught.value)


def test_names_of_files_are_no_patterns(tmp_path):
    plain = write(tmp_path / "a.tif")
    expected = zonal_statistics(plain, layer())
    for name in ("年 均温.tif", "a!b.tif", "zip+c.tif", "a&b;c.tif"):
        shutil.copy(plain, tmp_path / name)
        assert zonal_statistics(tmp_path / name, layer()).equals(expected)
