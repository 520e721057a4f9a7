"""Two nodes of a Ray cluster on loopback, each with one core; the second can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RAY = Path(sys.executable).with_name("ray")
_LOOPBACK = (
    "--node-ip-address",
    "127.0.0.1",
    "--num-cpus",
    "1",
    "--disable-usage-stats",
    "--block",
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _node(*words: str, temporary: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(RAY), "start", *words, *_LOOPBACK, "--object-store-memory", "100000000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "RAY_TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
    )


def kill(node: subprocess.Popen[bytes]) -> None:
    """Kill a node with all its processes, as if its machine had lost power."""
    with suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()


@contextmanager
def two_nodes(temporary: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The cluster's address, and its second node, which has joined or is about to."""
    address = f"127.0.0.1:{free_port()}"
    nodes = [
        _node(
            "--head", "--port", address.split(":")[1], "--include-dashboard", "false",
            temporary=temporary,
        )
    ]  # fmt: skip
    try:
        _wait_for(address, nodes[0])
        nodes.append(_node("--address", address, temporary=temporary))
        yield address, nodes[1]
    finally:
        for node in reversed(nodes):
            kill(node)


def _wait_for(address: str, head: subprocess.Popen[bytes]) -> None:
    host, port = address.split(":")
    while head.poll() is None:
        with suppress(OSError), socket.create_connection((host, int(port)), 1):
            return
    raise RuntimeError(f"expected a Ray cluster at {address}, got status {head.returncode}")
