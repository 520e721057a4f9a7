"""What the tests share: two small clips, a tiny real network, and one sealed trace of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # before torch: each process has one core
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import torch
from torch import nn

from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope_app.server import garbage
from tests.alone import run_name, turn
from tests.serve import ROOT, chromium, executable, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ["FUSIONSCOPE_MODELS"] = "/nowhere"  # ignore the developer's own models
_CACHE = tempfile.TemporaryDirectory(prefix="fusionscope-tests-")  # removed at exit
os.environ["FUSIONSCOPE_CACHE"] = _CACHE.name

MOTION = (3, 2)  # pixels a frame, right and down: how the square moves

TINY = Card(
    name="tiny",
    title="Tiny",
    labels=("one", "two", "three", "four"),
    spatial="vgg-m-mini",
    temporal="vgg-m-mini",
    fusion="conv3d",
    place="relu5",
    pool="3d",
    chunks=3,
    stack=2,
    size=112,
    rgb_scale=64.0,
    flow_scale=32.0,
)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say what was measured: it is printed at the end of the run, wherever the test ran."""
    return lambda text: record_property("figures", text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count lines in a plain run's tests alone: counting takes a third as long again."""
    if config.pluginmanager.hasplugin("pytest_cov"):
        for item in items:
            if item.get_closest_marker("slow") or item.get_closest_marker("browser"):
                item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run what measures time with nothing beside it."""
    if not (name := run_name()):
        return (yield)
    with turn(name, alone=item.get_closest_marker("alone") is not None):
        return (yield)


def pytest_collection_finish() -> None:
    """Set aside what is loaded: Streamlit searches all for garbage whenever a page has run."""
    garbage.settle()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have said."""
    said = [
        str(text)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in report.user_properties
        if name == "figures"
    ]
    if said:
        terminalreporter.section("figures")
        for text in said:
            terminalreporter.line(text)


def network_of(card: Card, seed: int = 0) -> Network:
    """The card's network with seeded weights that keep the size of what passes through (He)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Network(card)
        for name, layer in network.named_modules():
            if isinstance(layer, nn.Conv2d) and not name.startswith("fusions"):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            elif isinstance(
                layer, nn.Conv3d
            ):  # so that it tells before from after, left from right
                layer.weight.data.add_(torch.randn_like(layer.weight), alpha=0.01)
    return prepared_for_inference(network)


@pytest.fixture(scope="session")
def build() -> Callable[..., Network]:
    """A maker of tiny real networks: card, seed -> network."""
    return network_of


@pytest.fixture(scope="session")
def numbered() -> Clip:
    """24 frames of 48x64; every value of frame n is 10 n."""
    values = 10 * np.arange(24, dtype=np.uint8)
    return Clip(
        np.broadcast_to(values[:, None, None, None], (24, 48, 64, 3)).copy(), 25.0, "numbered"
    )


@pytest.fixture(scope="session")
def square() -> Clip:
    """14 frames of 96x128: a chequered square that moves by ``MOTION`` over a textured ground."""
    random = np.random.default_rng(5)
    ground = np.kron(random.integers(60, 120, (24, 32, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    patch = np.kron(random.integers(130, 256, (6, 6, 3)), np.ones((5, 5, 1))).astype(np.uint8)
    frames = np.repeat(ground[None], 14, axis=0)
    for n, frame in enumerate(frames):
        x, y = 20 + MOTION[0] * n, 15 + MOTION[1] * n
        frame[y : y + 30, x : x + 30] = patch
    return Clip(frames, 25.0, "moving square")


@pytest.fixture(scope="session")
def card() -> Card:
    """Two towers, conv3d after relu5, both heads; 4 classes, 3 chunks, 2 flow fields."""
    return TINY


@pytest.fixture(scope="session")
def network(card: Card) -> Network:
    """The tiny network, shared by all tests: copy it before changing it."""
    return network_of(card)


@pytest.fixture(scope="session")
def trace(network: Network, square: Clip) -> Trace:
    """The one run that all tests read."""
    return run(network, square, dense_flow(square))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests of a file."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of an app without a data folder, shared by all tests of a process.

    Without a browser, tests that ask for it are skipped.
    """
    executable()
    with serve(ROOT / "app/main.py", env={"FUSIONSCOPE_DATA": "/nowhere"}) as url:
        yield url
