"""A headless Chromium without a network, and pages opened in it from disk."""

import os
import re
import shutil
from dataclasses import replace
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
AXE = Path(__file__).parent / "axe" / "axe.min.js"


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Visit:
    """An open page and everything it complained about or asked for."""

    units = ".leaflet-overlay-pane path"

    def __init__(self, browser, path: Path, *, fragment: str = "", **options):
        self.requests, self.complaints = [], []
        self.context = browser.new_context(offline=True, **{"viewport": VIEW, **options})
        # Offline already refuses; aborting makes sure nothing waits for a name server.
        self.context.route("http*://**", lambda route: route.abort())
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.goto(path.as_uri() + fragment)
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


@pytest.fixture(scope="session")
def english(atlas, tmp_path_factory):
    """The same study told in English; the figures are those of the Chinese run."""
    from suanli.publish.explorer import write_explorer
    from suanli.publish.front import write_front
    from suanli.publish.pages import write_pages
    from suanli.text import Text

    folder = tmp_path_factory.mktemp("english") / "maps"
    edition = replace(atlas.result.edition, text=Text("en"))
    write_explorer(edition, folder)
    write_pages(edition, folder)
    write_front(edition, folder, sorted((atlas.path / "maps").glob("*.png")))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_page(browser, request):
    """Open a page from disk; every page is closed when the test ends.

    With SUANLI_SCREENSHOTS naming a folder, what each page showed last is kept there.
    """
    visits = []

    def visit(path, **options):
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield visit
    folder = os.environ.get("SUANLI_SCREENSHOTS")
    for number, each in enumerate(visits):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^A-Za-z0-9_-]+", "-", request.node.name)[:80]
            each.page.screenshot(path=Path(folder) / f"{name}-{number}.png")
        each.context.close()


@pytest.fixture(scope="session")
def faults():
    """What axe-core finds on a page that is serious or worse: rule and place."""
    source = AXE.read_text(encoding="utf-8")

    def find(page) -> list[str]:
        # Evaluated by the debugger: the page's own policy lets no script in.
        page.evaluate(source)
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{fault['id']} ({fault['impact']}): {node['target']}"
            for fault in found["violations"]
            if fault["impact"] in {"serious", "critical"}
            for node in fault["nodes"][:3]
        ]

    return find
