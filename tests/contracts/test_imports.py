"""The command line answers before heavy libraries are loaded."""

import subprocess
import sys

HEAVY = ("geopandas", "libpysal", "matplotlib", "folium", "rasterio", "scipy", "sklearn")


def loaded_after(code: str) -> set[str]:
    probe = f"{code}\nimport sys\nprint(','.join(sorted(m for m in sys.modules if '.' not in m)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.strip().splitlines()[-1].split(","))


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import contextlib, io\n"
        "from suanli.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
    )
    assert not loaded_after(code) & {*HEAVY, "pandas", "numpy"}


def test_evaluation_core_stays_light() -> None:
    heavy = {"geopandas", "libpysal", "matplotlib", "folium", "rasterio", "mapclassify"}
    assert not loaded_after("import suanli.evaluation, suanli.profile") & heavy
