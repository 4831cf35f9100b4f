"""The pages in a real Chromium, wide and narrow, light and dark: nothing overflows, nothing is refused.

Screenshots go to a temporary folder, or to PARTNERGRAPH_SCREENSHOTS to be looked at.
"""

import os
import shutil
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (1280, 390)
PAGES = {
    "home": "/",
    "classes": "/class/",
    "partners": "/class/Partner",
    "observations": "/class/Observation",
    "concepts": "/class/skos:Concept",
    "search": "/search?q=net",
    "search-none": "/search?q=equinox",
    "sources": "/sources",
    "why": "/why?s=organization/equinix&p=pe:peersAt&o=location/amsterdam",
    "quality": "/quality",
    "merges": "/quality/merges",
    "questions": "/questions",
    "question": "/questions/partners-in-category",
    "question-chart": "/questions/providers-by-locations",
    "shapes": "/shape",
    "ontology": "/ontology",
    "export": "/export",
    "analysis": "/analysis",
    "network": "/analysis/provider-location",
    "single-points": "/analysis/single-points",
    "path": "/analysis/path?from=equinix&to=colt",
    "organization": "/id/organization/equinix.html",
    "ecosystem": "/id/ecosystem/microsoft-partner-ecosystem.html",
    "network-thing": "/id/network/provider-location.html",
    "graph": "/graph/seed.html",
    "links": "/links?to=organization/equinix&by=pe:to&of=relationship",
    "sparql": "/sparql",
    "missing": "/id/organization/equin-ix",
}


@pytest.fixture(scope="module")
def root_url(app):
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Chromium; where it is absent the suite is skipped, but for CI, where that would hide a fault."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory):
    """The folder that the screenshots go to."""
    wanted = os.environ.get("PARTNERGRAPH_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    if not wanted:
        shutil.rmtree(folder)


@pytest.fixture(
    scope="module", params=[(w, s) for w in WIDTHS for s in ("light", "dark")], ids=lambda p: f"{p[0]}-{p[1]}"
)
def tab(request, browser):
    """A tab of one width and one colour scheme, and what its console and the content policy complain of."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda r: page.complaints.append(f"foreign request {r.url}") if "//127.0.0.1" not in r.url
            and not r.url.startswith(("data:", "blob:")) else None)  # fmt: skip
    page.label = f"{width}-{scheme}"
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_says_nothing_to_the_console(tab, root_url, screenshots, name):
    tab.complaints.clear()
    response = tab.goto(root_url + PAGES[name], wait_until="load")
    missing = name == "missing"
    assert response.status == (404 if missing else 200)
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    height = min(tab.evaluate("document.documentElement.scrollHeight"), 6000)
    clip = {"x": 0, "y": 0, "width": tab.viewport_size["width"], "height": height}
    tab.screenshot(path=screenshots / f"{name}-{tab.label}.png", full_page=True, clip=clip)
    assert [c for c in tab.complaints if not (missing and "404" in c)] == []


# What a sighted person sees must be readable: text no smaller than this, targets of a finger's size in the main menu.
SMALL = """() => {
  const says = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const small = e => parseFloat(getComputedStyle(e).fontSize) < 11;
  return [...document.querySelectorAll('main *')].filter(e => says(e) && small(e)).map(e => e.outerHTML.slice(0, 80));
}"""
TARGETS = """() => [...document.querySelectorAll('.masthead nav a, button, .pager a')].map(
  e => e.getBoundingClientRect().height)"""


@pytest.mark.parametrize("name", ["home", "organization", "partners", "network"])
def test_text_and_targets_are_large_enough(tab, root_url, name):
    tab.goto(root_url + PAGES[name])
    assert tab.evaluate(SMALL) == []
    assert min(tab.evaluate(TARGETS)) >= 24  # WCAG 2.2, 2.5.8


def test_a_partner_is_found_and_its_row_reached_by_keyboard(tab, root_url):
    tab.goto(root_url + "/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.focus("#words")
    tab.keyboard.type("equinix")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search?q=equinix")
    tab.focus(".results a")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/id/organization/equinix.html")
    tab.focus(".note")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/why?**")
    assert tab.locator("h1").inner_text() == "Who says so"
    assert tab.locator(".source").count() >= 1


def test_all_of_it_works_without_scripts(browser, root_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(root_url + "/sparql")
    assert page.locator("textarea#query").is_visible()
    page.goto(root_url + "/analysis/path")
    page.fill("#from", "equinix")
    page.fill("#to", "colt")
    page.click("text=Find the path")
    assert page.locator(".steps li").count() >= 1
    context.close()


def test_a_printed_page_leaves_the_menus_out(browser, root_url):
    context = browser.new_context()
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(root_url + PAGES["organization"])
    assert not page.locator(".masthead nav").is_visible()
    assert not page.locator("form.finder").first.is_visible()
    assert page.locator("h1").is_visible()
    context.close()
