"""What people come for, done by hand in a real Chromium: with scripts, without, and with the keyboard alone."""

import csv
import io

import pytest

pytestmark = pytest.mark.browser


def test_a_misspelt_name_leads_to_the_exchange_in_three_clicks(fresh, root_url):
    """Typed wrongly, chosen from the list, then the exchange that it connects through."""
    fresh.goto(root_url + "/")
    fresh.locator("#words").press_sequentially("1cloudstr", delay=20)
    option = fresh.get_by_role("option", name="1CLOUDSTAR").first
    option.click()  # one
    fresh.wait_for_url("**/id/organization/1cloudstar.html")
    fresh.locator("#pe-connectsVia a", has_text="Equinix").first.click()  # two
    fresh.wait_for_url("**/id/organization/equinix.html")
    assert fresh.locator("h1").inner_text() == "Equinix"


def narrow(page, root_url):
    """Go to the partners, choose system integrators in Europe, and save the sheet; give its lines."""
    page.goto(root_url + "/class/Partner")
    for facet, label in (("category", "Systems integrator"), ("region", "Europe")):
        group = page.locator(f"fieldset#{facet}")
        box = group.get_by_label(label, exact=True)
        if not box.is_visible():
            group.locator("summary").click()
        box.check()
    page.locator(".facets .apply button").click()
    page.wait_for_url("**europe**")
    with page.expect_download() as waiting:
        page.locator("#away ~ p a", has_text="CSV").click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("scripts", ["fresh", "plain"])
def test_partners_are_narrowed_and_taken_away(request, root_url, scripts):
    lines = narrow(request.getfixturevalue(scripts), root_url)
    assert lines
    assert all("Systems integrator" in line["Category"] and "Europe" in line["Region"] for line in lines)


@pytest.mark.parametrize("scripts", ["fresh", "plain"])
def test_a_question_with_a_parameter_is_answered(request, root_url, scripts):
    page = request.getfixturevalue(scripts)
    page.goto(root_url + "/questions/partners-in-category")
    chosen = page.locator("main select, main input[list]").first
    if chosen.evaluate("e => e.tagName") == "SELECT":
        chosen.select_option("category/systems-integrator")
    else:
        chosen.fill("category/systems-integrator")
    page.locator("main form button").first.click()
    page.wait_for_url("**systems-integrator**")
    assert page.locator("main tbody tr").count() > 5


def test_a_query_is_run_broken_and_mended_in_the_workbench(fresh, root_url):
    fresh.goto(root_url + "/sparql")
    fresh.locator("#workbench .CodeMirror").first.wait_for()
    ask = "document.querySelector('#workbench .CodeMirror').CodeMirror.setValue(%r)"
    good = "SELECT ?partner WHERE { ?partner a pe:Partner } ORDER BY ?partner LIMIT 3"
    fresh.evaluate(ask % good)
    fresh.locator(".yasqe_queryButton").first.click()
    fresh.locator("#workbench .yasr a[href^='/id/organization/']").nth(2).wait_for()
    fresh.evaluate(ask % good.replace("ORDER BY", "ORDER BYE"))
    fresh.locator(".yasqe_queryButton").first.click()
    fresh.locator("#fault").wait_for(state="visible")
    assert "Line" in fresh.locator("#fault").inner_text()
    assert fresh.locator(".fault-here").count() >= 1
    fresh.evaluate(ask % good)
    fresh.locator(".yasqe_queryButton").first.click()
    fresh.locator("#fault").wait_for(state="hidden")


@pytest.mark.parametrize("scripts", ["fresh", "plain"])
def test_the_path_between_two_firms(request, root_url, scripts):
    page = request.getfixturevalue(scripts)
    page.goto(root_url + "/analysis/path")
    page.fill("#from", "cinia")
    page.fill("#to", "colt")
    page.locator("main form button").first.click()
    page.wait_for_url("**from=cinia**")
    assert page.locator(".steps li").count() >= 1


PREFIXED = "PREFIX pe: <https://w3id.org/partner-ecosystem/ontology#> SELECT ?x { ?x a pe:Partner } %s LIMIT 3"


def test_a_misspelt_name_leads_to_the_exchange_without_scripts(plain, root_url):
    plain.goto(root_url + "/")
    plain.fill("#words", "1cloudstr")
    plain.locator("main form button").click()
    plain.locator(".results a", has_text="1CLOUDSTAR").first.click()
    plain.locator("#pe-connectsVia a", has_text="Equinix").first.click()
    assert plain.locator("h1").inner_text() == "Equinix"


def test_a_query_is_run_broken_and_mended_without_scripts(plain, root_url):
    plain.goto(root_url + "/sparql")
    for order, title in (("ORDER BY ?x", "Answer"), ("ORDER BYE ?x", "Malformed query"), ("ORDER BY ?x", "Answer")):
        plain.fill("#query", PREFIXED % order)
        plain.locator("form.query button").first.click()
        plain.locator("h1", has_text=title).wait_for()
        if title == "Answer":
            assert plain.locator("tbody a[href^='/id/organization/']").count() == 3
        else:
            assert "Line 1" in plain.locator("main").inner_text()


def reach(page, selector, most=300):
    """Press Tab until the element of `selector` has the focus, seen by an outline or the editor's cursor."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            seen = "getComputedStyle(document.activeElement).outlineStyle != 'none'"
            assert page.evaluate(seen + " || document.activeElement.closest('.CodeMirror-focused') != null")
            return
    raise AssertionError(f"the keys do not lead to {selector}")


def test_partners_are_narrowed_and_taken_away_by_keys_alone(fresh, root_url):
    fresh.goto(root_url + "/class/Partner")
    for value in ("category/systems-integrator", "region/europe"):
        reach(fresh, f"input[value='{value}']")
        fresh.keyboard.press("Space")
    reach(fresh, ".facets .apply button")
    fresh.keyboard.press("Enter")
    fresh.wait_for_url("**europe**")
    reach(fresh, "#away ~ p a[href*='.csv']")
    with fresh.expect_download() as waiting:
        fresh.keyboard.press("Enter")
    assert b"Systems integrator" in waiting.value.path().read_bytes()


def test_a_question_and_a_path_are_asked_by_keys_alone(fresh, root_url):
    fresh.goto(root_url + "/questions/partners-in-category")
    reach(fresh, "main select")
    fresh.keyboard.type("Systems")
    reach(fresh, "main form button")
    fresh.keyboard.press("Enter")
    fresh.wait_for_url("**systems-integrator**")
    fresh.goto(root_url + "/analysis/path")
    for field, name in (("#from", "cinia"), ("#to", "colt")):
        reach(fresh, field)
        fresh.keyboard.type(name)
    fresh.keyboard.press("Enter")
    fresh.wait_for_url("**from=cinia**")
    assert fresh.locator(".steps li").count() >= 1


def test_the_workbench_is_worked_by_keys_alone(fresh, root_url):
    """In by Tab, run by Ctrl and Enter, and out again by Tab: no trap."""
    fresh.goto(root_url + "/sparql")
    fresh.locator("#workbench .CodeMirror").first.wait_for()
    reach(fresh, ".CodeMirror textarea")
    fresh.keyboard.press("Control+a")
    fresh.keyboard.insert_text(PREFIXED % "ORDER BY ?x")
    fresh.keyboard.press("Control+Enter")
    fresh.locator("#workbench .yasr a[href^='/id/organization/']").nth(2).wait_for()
    reach(fresh, "ul.results a")


def test_the_finder_is_worked_by_keys_alone(fresh, root_url):
    fresh.goto(root_url + "/class/Partner")
    fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.activeElement.className") == "skip"
    fresh.focus("#q")
    fresh.keyboard.type("equinox")
    fresh.get_by_role("option").first.wait_for()
    assert fresh.locator("#q").get_attribute("aria-expanded") == "true"
    fresh.keyboard.press("ArrowDown")
    active = fresh.locator("#q").get_attribute("aria-activedescendant")
    assert fresh.locator(f"#{active}").get_attribute("aria-selected") == "true"
    fresh.keyboard.press("Escape")
    assert fresh.locator("#q").get_attribute("aria-expanded") == "false"
    fresh.keyboard.press("ArrowDown")
    fresh.get_by_role("option").first.wait_for()
    fresh.keyboard.press("ArrowDown")
    fresh.keyboard.press("Enter")
    fresh.wait_for_url("**/id/organization/equinix.html")


def test_who_says_so_opens_where_one_reads(fresh, root_url):
    fresh.goto(root_url + "/id/organization/equinix.html")
    fresh.locator("a.note").first.focus()
    fresh.keyboard.press("Enter")
    dialog = fresh.locator("dialog.why")
    dialog.locator("article.source").first.wait_for()
    assert "licence" in dialog.inner_text()
    fresh.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert fresh.url.endswith("/id/organization/equinix.html")


def test_the_neighbourhood_is_drawn_when_it_comes_into_view(fresh, root_url):
    complaints = []
    fresh.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    fresh.goto(root_url + "/id/organization/equinix.html")
    assert fresh.evaluate("typeof window.cytoscape") == "undefined"  # loaded only there
    fresh.locator("#around").scroll_into_view_if_needed()
    fresh.locator("#drawing canvas").first.wait_for(state="attached")
    assert complaints == []
