"""The pages of the analysis: every number says how it is got, what it is compared with and how it is biased; and no
page works out what the version keeps.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, QuerySolutions

from graph import analysis, search
from graph.analysis import kept
from graph.change import artefacts
from graph.snapshot import DataDirectory, Snapshot
from server.app import create_app
from server.service import open_service
from server.settings import Settings

VOID = frozenset("meta link input br img hr".split())
GROUPS = ("section", "header", "article")
PAIR = "from=organization/cobalt-strait-telecom&to=organization/fenwick-exchange"


class Element:
    """An element of a page, with its text and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element] = []
        self.text = ""

    def walk(self) -> "Iterator[Element]":
        yield self
        for child in self.children:
            yield from child.walk()

    def of(self, name: str) -> bool:
        return name in self.attributes.get("class", "").split()

    @property
    def group(self) -> "Element":
        """The nearest section, header or article around it."""
        at = self.parent
        while at is not None and at.tag not in GROUPS:
            at = at.parent
        assert at is not None, f"{self.tag} {self.text!r} is in no section"
        return at


class Tree(HTMLParser):
    """A page as a tree."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = self.at = Element("page", {}, None)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(made)
        if tag not in VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self.at
        while at is not None:
            at.text += data
            at = at.parent


SOME = ("all-sources", "provider-location", "provider-via-provider")  # of two sides and of one


def addresses(networks: Iterable[str]) -> list[str]:
    """The pages below /analysis, with a measure and every report of each of `networks`."""
    found = ["/analysis", "/analysis/single-points", "/analysis/white-space", f"/analysis/path?{PAIR}",
             "/analysis/one?thing=organization/cobalt-strait-telecom"]  # fmt: skip
    for name in networks:
        found += [f"/analysis/{name}", f"/analysis/{name}?measure=degree"]
        found += [f"/analysis/{name}/{report}" for report in analysis.reports(analysis.describe(name))]
    return found


def numbers(page: Element) -> list[Element]:
    """What shows a number: cells of numbers, tallies, counts."""
    return [one for one in page.walk() if re.search(r"\d", one.text) and (
        (one.tag == "td" and one.of("right")) or one.of("count")
        or (one.tag == "strong" and one.parent is not None and one.parent.parent is not None
            and one.parent.parent.of("tally")))]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [*addresses(SOME), *(pytest.param(one, marks=pytest.mark.long)
                         for one in addresses(analysis.names()) if one not in addresses(SOME))],
)  # fmt: skip
def test_every_number_says_how_it_is_got_its_null_model_and_its_bias(visitor: FlaskClient, address: str) -> None:
    response = visitor.get(address)
    if response.status_code == 404:  # a network without any tie here has no measure
        assert "measure=" in address
        return
    page = Tree(response.get_data(as_text=True)).root
    anchors = {one.attributes["id"]: one for one in page.walk() if "id" in one.attributes}
    for number in numbers(page):
        made = [one for one in number.group.walk() if one.of("made")]
        assert made, f"{address}: {number.text!r} stands alone"
        for one in made:
            assert any(at.tag == "code" and at.text.startswith("partnergraph analyse ") for at in one.walk())
            [bias] = [at.attributes["href"] for at in one.walk() if at.text == "Bias"]
            assert len(anchors[bias.removeprefix("#")].text) > 20 or anchors[bias.removeprefix("#")].tag == "h2"
            assert re.search(r"Null model: \w", one.text)


def test_the_rule_finds_a_number_that_stands_alone() -> None:
    page = Tree('<section><table><tr><td class="right">7</td></tr></table></section>').root
    [number] = numbers(page)
    assert not any(one.of("made") for one in number.group.walk())


@pytest.mark.parametrize("name", ["provider-location", "provider-via-provider"])
def test_the_query_beside_a_figure_gives_the_figure(visitor: FlaskClient, second: Snapshot, name: str) -> None:
    page = Tree(visitor.get(f"/analysis/{name}").get_data(as_text=True)).root
    seen = 0
    for row in [one for one in page.walk() if one.tag == "tr"]:
        asked = [one.attributes.get("href", "") for one in row.walk() if one.tag == "a"]
        for address in (one for one in asked if one.startswith("/sparql?")):
            [query] = parse_qs(urlsplit(address).query)["query"]
            found = second.store.query(query)
            assert isinstance(found, QuerySolutions)
            [value] = [float(term.value) for s in found if isinstance(term := s["value"], Literal)]
            [shown] = [one.text for one in row.walk() if one.tag == "td" and one.of("right")]
            assert float(shown.replace(",", "")) == pytest.approx(value, rel=1e-3)
            seen += 1
    assert seen >= 6


@pytest.mark.parametrize("name", analysis.names())
def test_the_query_of_a_report_gives_its_rows(second: Snapshot, name: str) -> None:
    network = analysis.describe(name)
    answers = kept.Kept(second.path, second.store)
    for report, asked in analysis.OF_REPORTS.items():
        table = answers.report(name, report)
        found = second.store.query(analysis.asked(network, asked))
        assert isinstance(found, QuerySolutions)
        rows = list(found)
        if not answers.measures(name):
            assert rows == []
        elif report == "correlation":
            assert len(rows) == sum(row[4] is not None for row in table.rows)
            values = sorted(float(row["spearman"].value) for row in rows)  # type: ignore[union-attr]
            assert values == sorted(row[4] for row in table.rows if row[4] is not None)
        elif report in ("robustness", "slices"):
            each = len(table.columns) - 1
            assert len(rows) == each * len(table.rows)
            key = {"robustness": "left", "slices": "value"}[report]
            assert sorted(float(row[key].value) for row in rows) == sorted(  # type: ignore[union-attr]
                value for row in table.rows for value in row[1:]
            )
        elif report == "communities":
            assert [int(row["members"].value) for row in rows] == [row[1] for row in table.rows]  # type: ignore[union-attr]
        else:
            shown = {row["figure"].value: float(row["value"].value) for row in rows}  # type: ignore[union-attr]
            assert {label: value for label, value, *_ in table.rows}.items() <= shown.items()


# What a version keeps -----------------------------------------------------------------------------------

WORK = {
    "graph.analysis.networks": ("build",),
    "graph.analysis.measures": ("measure",),
    "graph.analysis.dependence": ("single_points", "robustness", "bridges"),
    "graph.analysis.likeness": ("suggestions", "trial", "white_space"),
    "graph.analysis.communities": ("communities",),
    "graph.analysis.structure": ("nestedness",),
    "graph.analysis.correlation": ("correlations",),
    "graph.analysis.whole": ("figures", "of_partners"),
}


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that work something out, as they are called."""
    called: list[str] = []
    rooms = [importlib.import_module(f"graph.analysis.{file.stem}")
             for file in Path(kept.__file__).parent.glob("*.py") if file.stem != "__init__"]  # fmt: skip
    for module, functions in WORK.items():
        for name in functions:
            whole = getattr(importlib.import_module(module), name)

            def counted(*given: object, whole=whole, name=name, **named: object) -> object:  # type: ignore[no-untyped-def]
                called.append(name)
                return whole(*given, **named)

            for room in [*rooms, analysis]:
                if getattr(room, name, None) is whole:
                    monkeypatch.setattr(room, name, counted)
    return called


@pytest.mark.parametrize("networks", [SOME[2:], pytest.param(analysis.names(), marks=pytest.mark.long)])
def test_no_page_works_out_what_the_version_keeps(
    second_data: DataDirectory, worked: list[str], networks: tuple[str, ...]
) -> None:
    opened = open_service(Settings(data_dir=second_data.path, workers=1, timeout=5.0))
    try:
        visitor = create_app(opened).test_client()  # a new one, which remembers nothing
        for address in addresses(networks):
            assert visitor.get(address).status_code in (200, 404), address
        for name in networks:
            for form in ("graphml", "csv", "svg"):
                assert visitor.get(f"/analysis/{name}.{form}").status_code == 200
            assert visitor.get(f"/analysis/{name}/robustness.svg").status_code == 200
        assert worked == []
    finally:
        opened.pool.close()


def test_what_is_counted_is_what_works(second: Snapshot, worked: list[str], tmp_path: Path) -> None:
    kept.Kept(tmp_path, second.store).report("provider-location", "suggestions")
    assert {"build", "suggestions", "trial"} <= set(worked)


@pytest.mark.parametrize("name", ["provider-location", "provider-via-provider", "programme-succession"])
def test_what_is_kept_is_what_is_worked_out(second: Snapshot, tmp_path: Path, name: str) -> None:
    read, made = kept.Kept(second.path, second.store), kept.Kept(tmp_path, second.store)
    one, other = read.network(name), made.network(name)
    assert (one.graph, list(one.nodes(data=True))) == (other.graph, list(other.nodes(data=True)))
    assert list(one.edges(data=True)) == list(other.edges(data=True))
    assert read.summary(name) == made.summary(name)
    assert [one for one in read.measures(name) if one != "participation"] == list(made.measures(name))
    for measure in made.measures(name):
        assert read.rows(name, measure) == made.rows(name, measure)
    for report in ("whole", "degrees", "slices", "bridges", "robustness"):
        assert read.report(name, report) == made.report(name, report)
    assert read.single_points() == made.single_points()
    assert read.white_space() == made.white_space()
    assert read.partners() == made.partners()


def test_a_version_that_keeps_nothing_shows_what_is_published(second: Snapshot, tmp_path: Path) -> None:
    read, published = kept.Kept(second.path, second.store), kept.Kept(tmp_path, second.store)
    for name in SOME:
        first = published.first(name)
        assert set(first) == set(read.measures(name))
        for measure, rows in first.items():
            assert rows == [row for row in read.rows(name, measure) if row in rows]


def test_a_change_leaves_behind_what_was_kept(second: Snapshot, tmp_path: Path) -> None:
    # It would be untrue of the next version, unless that holds the same.
    for name, same in (("changed", False), ("same", True)):
        (tmp_path / name).mkdir()
        artefacts.carry(second.path, tmp_path / name, same=same)
        assert (tmp_path / name / kept.FILE).exists() == same


def test_an_end_is_a_thing_and_no_group_named_by_it(client: FlaskClient, snapshot: Snapshot) -> None:
    found = search.find(snapshot.index(), "equinix", 12)
    groups = [one.iri for one in found if one.kind in search.GROUPS]
    page = client.get("/analysis/one?thing=equinix", headers={"Accept": "text/html"}).text
    told = page[page.index("was taken for") : page.index("</p>", page.index("was taken for"))]
    assert groups and not any(iri in told for iri in groups)
    alone = client.get("/analysis/one?thing=names+like+equinix", headers={"Accept": "text/html"}).text
    assert "names like Equinix" in alone, "where nothing else has the name, it is meant"


@pytest.mark.parametrize("address", ["provider-location.graphml", "provider-location", "white-space",
                                     "one?thing=organization/cobalt-strait-telecom"])  # fmt: skip
def test_what_a_large_version_does_not_keep_is_a_problem_and_no_fault(
    second_data: DataDirectory, monkeypatch: pytest.MonkeyPatch, worked: list[str], address: str
) -> None:
    monkeypatch.setattr(kept, "is_large", lambda folder: True)
    monkeypatch.setattr(kept.Kept, "_read", lambda *asked: None)
    opened = open_service(Settings(data_dir=second_data.path, workers=1, timeout=5.0))
    try:
        response = create_app(opened).test_client().get(f"/analysis/{address}")
        assert response.status_code == 404 and response.json["type"].endswith("/not-measured")
        assert "too large" in response.json["detail"] and worked == []
    finally:
        opened.pool.close()
