"""Kill runs at random moments and look at what is left.

python scripts/kill_runs.py --runs 200                # `suanli run`, killed anywhere
python scripts/kill_runs.py --exports 200             # `suanli export`, killed while it writes

A first run fills a folder of outputs. Then run after run writes to it and gets SIGKILL. After
each kill the folder must hold one whole edition: every file the record names, with its hash,
and no other. Where a kill falls between the renames that put an edition in place, the next run
takes the earlier one back before anything else; the same call does it here. In the end a run
is let finish. Exit code 1 if anything was ever found broken.

``--exports`` forks children that have the study at hand, so that every kill falls where files
are made and put in place beside the earlier maps and tables; every other one waits for the
record, which is written last, to fall among the renames.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

import suanli.run.whole
from geo.storage import file_sha256
from suanli.manifest import MANIFEST
from suanli.run import RunConfig, publish_part, run_all
from suanli.run.inputs import load_inputs, study_of
from suanli.run.placing import staging_folder

QUICK: Final = {"permutations": 99, "redraws": 99, "replicates": 99}
LANGUAGES: Final = ("zh", "en")
# Renames take milliseconds: how long after the record appears a kill may fall, in seconds.
RENAMES: Final = 0.03


def broken(out: Path) -> str:
    """Tell what is wrong with a folder of outputs.

    Parameters
    ----------
    out : pathlib.Path
        The folder.

    Returns
    -------
    str
        Nothing where it holds one whole edition.
    """
    try:
        record = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"no record: {error}"
    wanted = {item["path"]: item["sha256"] for item in record["outputs"]}
    found = {
        path.relative_to(out).as_posix(): path
        for path in out.rglob("*")
        if path.is_file() and not path.relative_to(out).parts[0].startswith(".run")
    }
    del found[MANIFEST]
    if set(found) != set(wanted):
        return f"files differ from the record: {sorted(set(found) ^ set(wanted))[:5]}"
    changed = [name for name, path in found.items() if file_sha256(path) != wanted[name]]
    return f"content differs from the record: {changed[:5]}" if changed else ""


def after_kill(out: Path) -> str:
    """Look at a folder a killed run has left.

    Parameters
    ----------
    out : pathlib.Path
        The folder.

    Returns
    -------
    str
        ``intact``, ``taken back`` or what is broken.
    """
    aside = bool(list(out.glob(".run.old.*")))
    if not aside:
        return broken(out) or "intact"
    with staging_folder(out):
        pass
    return broken(out) or "taken back"


def started(out: Path, number: int) -> int:
    """Start `suanli run` and return its process.

    Parameters
    ----------
    out : pathlib.Path
        Its folder of outputs.
    number : int
        Which run it is: the language alternates, so that files differ.

    Returns
    -------
    int
        Identifier of the process.
    """
    config = out.parent / "suanli.toml"
    lines = [f"{key} = {value}" for key, value in QUICK.items()]
    lines.append(f'lang = "{LANGUAGES[number % 2]}"')
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "suanli", "run", str(config), "--out", str(out)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet).pid


def forked(out: Path, number: int) -> int:
    """Fork a child that writes the GIS files of the study at hand, and return its process.

    Parameters
    ----------
    out : pathlib.Path
        Its folder of outputs.
    number : int
        Which run it is.

    Returns
    -------
    int
        Identifier of the process.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        config = RunConfig(out=out, lang=LANGUAGES[number % 2], **QUICK)
        if number:
            publish_part(config, "export")
        else:
            run_all(config)
        code = 0
    finally:
        os._exit(code)


def killed(process: int, out: Path, *, after: float, late: bool) -> bool:
    """Kill a run.

    Parameters
    ----------
    process : int
        The process.
    out : pathlib.Path
        Its folder of outputs.
    after : float
        Seconds to wait: from now, or from when its record is written.
    late : bool
        Whether to wait for the record.

    Returns
    -------
    bool
        False where it was done before.
    """
    while late and not list(out.glob(f".run.*/{MANIFEST}")):
        if os.waitpid(process, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.0005)
    end = time.monotonic() + after
    while time.monotonic() < end:
        if os.waitpid(process, os.WNOHANG) != (0, 0):
            return False
        time.sleep(min(0.002, max(end - time.monotonic(), 0)))
    os.kill(process, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def campaign(
    out: Path, start: Callable[[Path, int], int], *, kills: int, late: bool, seed: int
) -> Counter[str]:
    """Kill runs one after the other.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the outputs.
    start : Callable[[pathlib.Path, int], int]
        Starts a run.
    kills : int
        How many are to be killed.
    late : bool
        Whether every other kill waits for the record.
    seed : int
        Of the moments.

    Returns
    -------
    Counter[str]
        How often what was found.
    """
    rng = np.random.default_rng(seed)
    clock = time.monotonic()
    if os.waitpid(start(out, 0), 0)[1] or broken(out):
        return Counter({f"first run failed: {broken(out)}": 1})
    if late:
        # What is killed is shorter than what filled the folder.
        clock = time.monotonic()
        os.waitpid(start(out, 1), 0)
    lasts = time.monotonic() - clock
    print(f"an undisturbed run takes {lasts:.1f} s", flush=True)
    found: Counter[str] = Counter()
    number = 0
    while sum(found.values()) - found["done before the kill"] < kills:
        number += 1
        waits = late and number % 2 == 0
        after = float(rng.uniform(0, RENAMES if waits else lasts))
        hit = killed(start(out, number), out, after=after, late=waits)
        state = after_kill(out)
        good = state in {"intact", "taken back"}
        found[state if hit or not good else "done before the kill"] += 1
    if os.waitpid(start(out, number + 1), 0)[1] or broken(out) or list(out.glob(".run*")):
        found[f"last run failed: {broken(out)}"] += 1
    else:
        found["last run whole"] += 1
    return found


def main() -> None:
    """Run the campaign asked for and print what was found."""
    parser = argparse.ArgumentParser(description="Kill runs at random moments.")
    parser.add_argument("--runs", type=int, default=0, help="kills of `suanli run`")
    parser.add_argument("--exports", type=int, default=0, help="kills of `suanli export`")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        if asked.runs:
            out = Path(folder) / "runs" / "outputs"
            out.parent.mkdir()
            found += campaign(out, started, kills=asked.runs, late=False, seed=asked.seed)
        if asked.exports:
            config = RunConfig(out=Path(folder) / "exports", **QUICK)
            inputs = load_inputs(config)
            study = study_of(inputs, config)
            suanli.run.whole.load_inputs = lambda _: inputs
            suanli.run.whole.study_of = lambda *_, **__: study
            found += campaign(config.out, forked, kills=asked.exports, late=True, seed=asked.seed)
    for state, count in sorted(found.items()):
        print(f"{count:5d}  {state}")
    fine = {"intact", "taken back", "done before the kill", "last run whole"}
    sys.exit(0 if found and set(found) <= fine else 1)


if __name__ == "__main__":
    main()
