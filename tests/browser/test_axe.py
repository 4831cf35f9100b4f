"""Axe finds nothing of weight on any page, light and dark; and no page is heavy.

https://github.com/dequelabs/axe-core, with the rules of WCAG 2.2 AA. The editor of the workbench is not ours and
is left out of the check; the form that stands in its place without scripts is not.
"""

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.addresses import PAGES

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"moderate", "serious", "critical"}
HEAVIEST = (
    150_000  # bytes as sent, of a first visit to a page with its style and scripts, without the editor and the drawings
)
# The lines of a long list are alike: axe looks at the first of them, else a page of terms takes it half a minute.
THIN = """() => {
  for (const one of document.querySelectorAll("main, main *")) {
    const last = one.children[11];
    const alike = last && [...one.children].slice(12).filter((each) => each.tagName === last.tagName);
    (alike || []).forEach((each) => each.remove());
  }
}"""


@dataclass(frozen=True)
class Seen:
    """What one visit shows: the bytes that were sent, compressed, and what axe finds in each colour scheme."""

    size: int
    faults: dict[str, list[object]]


@pytest.fixture(scope="module")
def seen(browser, root_url):
    """Visit a page once and remember what it showed: a function of its name."""
    context = browser.new_context()
    page, visits, answers = context.new_page(), {}, []
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})  # each visit is a first one
    page.on("response", lambda answer: answers.append(answer) if is_counted(answer) else None)

    def visit(name):
        if name not in visits:
            answers.clear()
            page.emulate_media(color_scheme="light")
            page.goto(root_url + PAGES[name], wait_until="load")
            sent = sum(answer.request.sizes()["responseBodySize"] for answer in answers)
            page.evaluate(THIN)
            light = found(page, {"runOnly": RULES})
            page.emulate_media(color_scheme="dark")  # the same page in other colours: only these can differ
            visits[name] = Seen(sent, {"light": light, "dark": found(page, {"runOnly": ["color-contrast"]})})
        return visits[name]

    yield visit
    context.close()


def is_counted(answer):
    """Whether a response counts towards the weight of a page: the drawing's library and the networks' pictures not."""
    return "/vendor/" not in answer.url and not answer.headers.get("content-type", "").startswith("image/svg")


def found(page, options):
    """Give what axe finds on the page as it stands: the rule and where, of what is no trifle."""
    given = Axe().run(page, context={"exclude": [["#workbench"]]}, options={**options, "resultTypes": ["violations"]})
    return [
        (one["id"], one["impact"], [node["target"] for node in one["nodes"][:3]])
        for one in given.response["violations"]
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious(seen, name, scheme):
    assert seen(name).faults[scheme] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "sparql"])
def test_no_page_is_heavy(seen, name):
    assert 5_000 < seen(name).size < HEAVIEST
