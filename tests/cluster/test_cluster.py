"""Parts computed elsewhere: the same bits, whatever happens to the workers."""

import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from geo.cluster import connected, started
from geo.errors import WeightsError, WorkersError
from geo.statistics.conditional import conditional_counts
from geo.workers import Threads, computing_on
from suanli.cli import main
from suanli.errors import InputError, Problem
from suanli.robustness.sample import sample_model
from suanli.robustness.tally import tally

REPLICATES = 120_000


def counted(workers, *, replicates=REPLICATES, progress=lambda _: None):
    return tally(
        sample_model(), ["index"], replicates=replicates, rng=np.random.default_rng(1),
        workers=workers, progress=progress,
    )  # fmt: skip


def same(one, other):
    return (
        np.array_equal(one.ranks, other.ranks)
        and np.array_equal(one.ahead, other.ahead)
        and np.array_equal(one.both, other.both)
        and one.compared == other.compared
    )


def unequal(n):
    rng = np.random.default_rng(4)
    rows = np.repeat(np.arange(n), 6)
    columns = (rows + 1 + np.tile(np.arange(6), n) * 7) % n
    weights = sparse.csr_array((rng.random(len(rows)) + 0.1, (rows, columns)), shape=(n, n))
    weights.sort_indices()
    return rng.normal(size=n), weights


def lags(n=400, permutations=4_999):
    values, weights = unequal(n)
    rng = np.random.default_rng(6)
    return conditional_counts(values, weights, permutations=permutations, rng=rng)


def slow(shared, part):
    """A part that takes a while."""
    import time

    time.sleep(shared)
    return part * part


def refused(shared, part):
    if part == shared:
        raise InputError([Problem(code="robustness.domain", params={"node": "a"})])
    raise WeightsError("no", code="weights.none", units=["a"])


def deadly(shared, part):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def test_one_and_two_workers_give_the_same_bits(cluster):
    cluster.worker()
    alone, weighed = counted(Threads(1)), lags()
    with connected(cluster.address) as workers:
        assert same(counted(workers), alone)
    cluster.worker()
    with connected(cluster.address) as workers:
        assert workers.shares == 8
        assert same(counted(workers), alone)
        with computing_on(workers):
            assert np.array_equal(lags(), weighed)
        # Parts come back in their order.
        assert list(workers.results(pow, 3, range(6))) == [1, 3, 9, 27, 81, 243]


def test_a_worker_killed_in_mid_run_changes_nothing(cluster):
    first = cluster.worker()
    cluster.worker()
    alone = counted(Threads(1))
    killed = []

    def kill(done):
        if not killed:
            assert done < REPLICATES
            cluster.kill(first)
            killed.append(done)

    with connected(cluster.address) as workers:
        found = counted(workers, progress=kill)
        assert killed
        assert same(found, alone)
        # What parts share was on the dead worker too.
        results = workers.results(slow, 0.2, range(8))
        assert [next(results), next(results)] == [0, 1]
        cluster.worker()
        cluster.kill(cluster.workers[0])
        assert list(results) == [4, 9, 16, 25, 36, 49]


def test_workers_that_come_later_help(cluster):
    cluster.worker()
    with connected(cluster.address) as workers:
        results = workers.results(slow, 0.1, range(12))
        assert next(results) == 0
        cluster.worker()
        assert list(results) == [part * part for part in range(1, 12)]


def test_the_scheduler_gone_in_mid_run_is_told(cluster):
    cluster.worker()
    with connected(cluster.address) as workers:
        results = workers.results(slow, 0.3, range(50))
        assert next(results) == 0
        timer = threading.Timer(0.2, cluster.kill, [cluster.scheduler])
        timer.start()
        with pytest.raises(WorkersError) as caught:
            list(results)
        timer.join()
    assert caught.value.code == "workers.gone"


def test_errors_of_parts_come_back_whole(cluster):
    cluster.worker()
    with connected(cluster.address) as workers:
        with pytest.raises(InputError) as rejected:
            list(workers.results(refused, 1, [1]))
        with pytest.raises(WeightsError) as wrong:
            list(workers.results(refused, 1, [2]))
    assert rejected.value.problems[0].code == "robustness.domain"
    assert (wrong.value.code, wrong.value.params) == ("weights.none", {"units": ["a"]})


def test_a_part_that_ends_its_workers_is_told():
    with started(1) as workers, pytest.raises(WorkersError) as caught:
        list(workers.results(deadly, None, [1]))
    assert caught.value.code == "workers.killed"
    assert "memory" in str(caught.value)


def test_another_release_is_refused(cluster, monkeypatch):
    cluster.worker()
    monkeypatch.setattr("geo.cluster._release", lambda _: ("Python 2.7", "code 0"))
    with connected(cluster.address) as workers, pytest.raises(WorkersError) as caught:
        list(workers.results(pow, 2, [1]))
    assert caught.value.code == "workers.release"
    assert "Python 2.7" in caught.value.params["ours"]


def test_a_scheduler_without_workers_is_told(cluster):
    with pytest.raises(WorkersError) as caught, connected(cluster.address, wait=0.5):
        pass
    assert caught.value.code == "workers.none"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "here", "", "ftp://x", "tcp://:x"])
def test_an_address_where_nobody_answers_is_told(address):
    with pytest.raises(WorkersError) as caught, connected(address, wait=0.3):
        pass
    assert caught.value.code == "workers.unreachable"


@pytest.mark.parametrize("count", [0, -1, 257])
def test_numbers_of_workers_are_bounded(count):
    with pytest.raises(WorkersError) as caught, started(count):
        pass
    assert caught.value.code == "workers.count"


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WorkersError) as caught, started(1):
        pass
    assert "suanli-atlas[cluster]" in str(caught.value)


def test_commands_give_the_same_bytes(cluster, tmp_path):
    """Rank intervals as files, by threads, by processes started for them, by a scheduler."""
    cluster.worker()
    made = {}
    for name, how in {
        "here": [],
        "workers": ["--workers", "2"],
        "scheduler": ["--scheduler", cluster.address],
    }.items():
        out = tmp_path / name
        with pytest.raises(SystemExit) as left:
            main(["robustness", "ranks", "--replicates", "20000", "--out", str(out), *how])
        assert left.value.code == 0
        made[name] = {path.name: path.read_bytes() for path in out.rglob("*.csv")}
    assert len(made["here"]) == 3
    assert made["here"] == made["workers"] == made["scheduler"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scheduler", "tcp://127.0.0.1:1"], "没有调度器应答"),
        (["--scheduler", "x", "--workers", "2"], "不能同时给出"),
    ],
)
def test_commands_refuse_in_a_sentence(capsys, monkeypatch, arguments, words):
    monkeypatch.setattr("suanli.run.computing.connected", partial(connected, wait=0.3))
    with pytest.raises(SystemExit) as left:
        main(["robustness", "ranks", *arguments])
    said = capsys.readouterr()
    assert left.value.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_threads_stop_at_the_first_error():
    seen = []

    def note(_, part):
        seen.append(part)
        raise RuntimeError(part)

    with pytest.raises(RuntimeError):
        list(Threads(1).results(note, None, range(100)))
    assert len(seen) < 5


def test_the_example_of_the_document_runs(tmp_path):
    document = Path(__file__).parents[2] / "docs" / "scaling.md"
    (code,) = re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "440000" in done.stdout
