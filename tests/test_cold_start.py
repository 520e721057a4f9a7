"""Cold start: the parts of its measure, and what it says where it cannot be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fusionscope.base.records import InputError
from fusionscope.bench import cold_start
from fusionscope.bench.cold_start import PARTS, Start, medians, missing_reason, seconds_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SERVER = '''
import sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

PAGE = b"""<!doctype html><body></body><script>
const add = (name, ms) => setTimeout(() => {
    const part = document.createElement("div");
    part.className = name;
    part.dataset.ready = "1";
    part.textContent = name;
    document.body.append(part);
}, ms);
add("fs-player", 300); add("fs-says", 600); add("fs-sentence", 900); add("fs-ledger", 900);
</script>"""

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"ok" if self.path == "/_stcore/health" else PAGE)

    def log_message(self, *_):
        pass

port = next(int(a.partition("=")[2]) for a in sys.argv if a.startswith("--server.port="))
time.sleep(2)
HTTPServer(("127.0.0.1", port), Answer).serve_forever()
'''


def test_the_median_of_each_step_is_given():
    starts = [Start(n, 2 * n, 3 * n, 4 * n, 0.5) for n in (1.0, 5.0, 2.0)]
    assert medians(starts) == {
        **{"server": 2.0, "first_bytes": 4.0, "first_picture": 6.0, "complete": 8.0},
        "second_visitor": 0.5,
    }


def test_without_a_browser_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = missing_reason()
    assert "needed: pip install 'fusionscope[test]' and Chromium" in reason
    assert cold_start.cold_start(1) == ([], {})


def test_a_command_that_fails_is_an_error_with_its_last_line():
    assert seconds_of((sys.executable, "-c", "pass")) > 0
    with pytest.raises(InputError, match="failed: ValueError: no clip"):
        seconds_of((sys.executable, "-c", "raise ValueError('no clip')"))


def test_an_app_that_ends_at_once_is_an_error():
    with subprocess.Popen((sys.executable, "-c", "raise SystemExit(3)")) as server:
        server.wait()
        with pytest.raises(InputError, match="ended with status 3"):
            cold_start._until_up(server, "http://127.0.0.1:1", 1e9)


@pytest.mark.browser
def test_each_step_is_timed_from_the_command(browser: Browser, tmp_path: Path):
    script = tmp_path / "server.py"
    script.write_text(SERVER, "utf-8")
    start = cold_start._start(browser, (sys.executable, str(script)))
    assert 2.0 < start.server < start.first_bytes < start.first_picture < start.complete
    assert start.first_picture - start.server > 0.3  # the page's clock may start before ours does
    assert start.complete - start.server > 0.9
    assert 0.9 < start.second_visitor < start.complete


@pytest.mark.browser
@pytest.mark.alone
def test_the_first_page_is_complete_soon_after_the_command(browser: Browser, figures):
    (pair,), steps = cold_start.measured(browser, 2)
    said = ", ".join(f"{name.replace('_', ' ')} {taken:.2f} s" for name, taken in steps.items())
    figures(f"cold start, median: {said}; {pair.cost:.2f} times importing torch (aim 1.6)")
    assert min(a / b for a, b in zip(pair.ours, pair.theirs, strict=True)) < 2.5
    assert len(PARTS) == 4
