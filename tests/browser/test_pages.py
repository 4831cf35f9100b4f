"""The pages in a real Chromium, wide and narrow, light and dark: nothing overflows, nothing is refused.

Screenshots go to a temporary folder, or to PARTNERGRAPH_SCREENSHOTS to be looked at.
"""

import pytest

from tests.browser.addresses import PAGES

pytestmark = pytest.mark.browser


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
TARGETS = """() => [...document.querySelectorAll('.masthead nav a, button, .pager a')].filter(
  e => e.checkVisibility()).map(e => e.getBoundingClientRect().height)"""


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
    tab.locator("dialog.why article.source").first.wait_for()
    assert "row" in tab.locator("dialog.why").inner_text()


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


def test_every_bar_of_a_chart_has_its_number_in_sight(tab, root_url):
    tab.goto(root_url + PAGES["question-chart"])
    for number in tab.locator(".chart svg:visible text.value").all():
        box = number.bounding_box()
        assert box and box["x"] + box["width"] <= tab.viewport_size["width"] and box["height"] > 8


@pytest.mark.parametrize("name", ["partner-counts", "providers-by-locations"])
def test_every_label_of_a_chart_is_whole_in_sight(tab, root_url, name):
    tab.goto(root_url + "/questions/" + name)
    picture = tab.locator(".chart svg:visible").bounding_box()
    labels = tab.locator(".chart svg:visible text:not(.value)").all()
    assert labels
    for label in labels:
        box = label.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"]
