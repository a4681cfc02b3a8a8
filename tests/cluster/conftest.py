"""A real scheduler and real workers, each a process of its own, on the loopback."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("distributed")


class Cluster:
    """Processes of ``dask scheduler`` and ``dask worker``."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes = []
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show",
            "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file),
        )  # fmt: skip
        self._wait(self.file.exists)
        self.address = json.loads(self.file.read_text(encoding="utf-8"))["address"]
        self.workers = []

    def _start(self, *arguments, **more):
        quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **more}
        with (self.folder / "log.txt").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                env=quiet, stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, **environment):
        """Start one more worker of one thread, and wait until the scheduler knows it."""
        known = len(self.workers)
        process = self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--host", "127.0.0.1", "--memory-limit", "0", **environment,
        )  # fmt: skip
        self.workers.append(process)
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(known + 1, timeout=60)
        return process

    @staticmethod
    def _wait(ready, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.05)

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process in self.workers:
            self.workers.remove(process)

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.close()
