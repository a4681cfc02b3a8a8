"""A headless Chromium without a network, and pages opened in it from disk."""

import os
import shutil
from pathlib import Path

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEW = {"width": 1280, "height": 800}


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Visit:
    """An open page and everything it complained about or asked for."""

    units = ".leaflet-overlay-pane path"

    def __init__(self, browser, path: Path, **options):
        self.requests, self.complaints = [], []
        self.context = browser.new_context(offline=True, **{"viewport": VIEW, **options})
        # Offline already refuses; aborting makes sure nothing waits for a name server.
        self.context.route("http*://**", lambda route: route.abort())
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.goto(path.as_uri())
        self.own = path.as_uri()

    def _dialog(self, dialog):
        self.complaints.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def quiet(self) -> bool:
        return self.requests == [self.own] and self.complaints == []

    def fills(self) -> list[str]:
        return self.page.eval_on_selector_all(self.units, "a => a.map(x => x.getAttribute('fill'))")


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found; set CHROMIUM to the path of one")
    with sync_api.sync_playwright() as driver:
        session = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield session
        session.close()


@pytest.fixture
def open_page(browser):
    """Open a page from disk; every page is closed when the test ends."""
    visits = []

    def visit(path, **options):
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield visit
    for each in visits:
        each.context.close()
