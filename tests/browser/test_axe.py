"""Axe finds nothing serious or critical on any page, light and dark; and no page is heavy.

https://github.com/dequelabs/axe-core, with the rules of WCAG 2.2 AA. The editor of the workbench is not ours and
is left out of the check; the form that stands in its place without scripts is not.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.addresses import PAGES

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HEAVIEST = 150_000  # bytes, of a page with its style and scripts, without the editor and the drawing


@pytest.fixture(scope="module", params=["light", "dark"])
def looked_at(request, browser):
    context = browser.new_context(color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious(looked_at, root_url, name):
    looked_at.goto(root_url + PAGES[name])
    found = Axe().run(looked_at, context={"exclude": [["#workbench"]]}, options=RULES)
    grave = [
        (one["id"], [node["target"] for node in one["nodes"][:3]])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "sparql"])
def test_no_page_is_heavy(browser, root_url, name):
    """What comes over the wire decoded: the page, its style and its scripts, but for the drawing's library."""
    context = browser.new_context()
    page, sizes = context.new_page(), []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if "/vendor/" not in answer.url else None)
    page.goto(root_url + PAGES[name], wait_until="load")
    context.close()
    assert sum(sizes) < HEAVIEST
