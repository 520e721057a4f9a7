"""Work on a Ray cluster of two nodes: what a killed node was doing is done again."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fusionscope.parallel.results import results
from tests.ray_cluster import RAY, kill, two_nodes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RAY.exists(), reason="needs Ray, of the extra ray"),
]


@dataclass(frozen=True)
class Marking:
    """Squares numbers, and leaves a file for each unit begun and each node seen."""

    folder: Path
    on_gpu: bool = False

    def feed(self, unit: int) -> int:
        import ray

        node = self.folder / ray.get_runtime_context().get_node_id()
        node.touch()
        while len([*self.folder.iterdir()]) < 2:  # the other node has not begun a unit
            time.sleep(0.05)
        return unit * unit

    def answer(self, fed: int) -> int:
        return fed + 1


@pytest.mark.timeout(600)
def test_the_units_of_a_killed_node_are_done_again():
    """In a program of its own, as Ray leaves threads and signal handlers in its process."""
    with tempfile.TemporaryDirectory(prefix="ray") as folder:  # sockets' paths have 103 bytes
        done = subprocess.run(
            [sys.executable, "-m", "tests.test_cluster", folder],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "all 30 units"


def main(folder: Path) -> None:
    """Do 30 units on two nodes; kill one after the first result."""
    (folder / "nodes").mkdir()
    found: dict[int, int] = {}
    with two_nodes(folder) as (address, second):
        for number, result in results(Marking(folder / "nodes"), range(30), ray=address):
            if not found:
                kill(second)
            found[number] = result
    if found == {n: n * n + 1 for n in range(30)}:
        print(f"all {len(found)} units")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
