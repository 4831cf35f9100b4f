"""The server's address, and a tab of each width and colour scheme."""

import os
import shutil
from pathlib import Path

import pytest

WIDTHS = (1280, 390)


@pytest.fixture(scope="session")
def root_url(server_url):
    """The real server over the shipped facts."""
    return server_url


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    """The folder that the screenshots go to."""
    wanted = os.environ.get("PARTNERGRAPH_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    if not wanted:
        shutil.rmtree(folder)


@pytest.fixture(
    scope="session", params=[(w, s) for w in WIDTHS for s in ("light", "dark")], ids=lambda p: f"{p[0]}-{p[1]}"
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


@pytest.fixture
def fresh(browser):
    """A tab without cookies, memory or marks of other tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser):
    """The same with scripts off."""
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    yield context.new_page()
    context.close()
