"""Pages that lead: their examples run, what is not known is said with a way on, and no number stands alone."""

import contextlib
import io
import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from graph.names import ONTOLOGY
from graph.unknown import asked_about, topics

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("partners by country", ["country"]),
        ("Revenue of Equinix", ["revenue"]),
        ("competitors", ["competitors"]),
        ("which certifications", ["certification"]),
        ("640,000 partners", ["all"]),
        ("countryside", []),  # whole words only
        ("equinix", []),
        ("", []),
    ],
)
def test_what_is_asked_of_the_unknown(text, names):
    assert [topic.name for topic in asked_about(text)] == names


def test_the_nearest_thing_known_is_there(client):
    """Each address of the list answers, and its fragment is a facet of that page."""
    for topic in topics():
        assert topic.near
        for _, path in topic.near:
            page = client.get(urlsplit(path).path, headers=HTML)
            assert page.status_code == 200, path
            fragment = urlsplit(path).fragment
            assert not fragment or f'id="{fragment}"' in page.text, path


def test_a_figure_for_the_whole_never_stands_beside_the_named_without_both_meanings(client):
    """Wherever the claimed number of all partners is shown, the page says what that number is."""
    for path in ("/", "/unknown", "/class/Observation", "/programmes", "/class/Partner"):
        text = " ".join(re.sub(r"<[^>]+>", " ", client.get(path, headers=HTML).text).split())
        if "640,000" in text and path != "/class/Observation":
            assert "claims about all there are" in text or "do not measure the same" in text, path
    home = client.get("/", headers=HTML).text
    assert "640,000" in home
    assert "What each of the two numbers means" in home


@pytest.mark.long
def test_the_python_of_the_help_page_runs_as_it_stands(server_url, tmp_path, monkeypatch):
    """Against a real server, from the page that it serves."""
    with urlopen(Request(f"{server_url}/help", headers=HTML)) as answer:
        page = answer.read().decode()
    query = re.search(r'aria-label="A first query">(.*?)</pre>', page, re.DOTALL)
    codes = re.findall(r'data-language="python">(.*?)</pre>', page, re.DOTALL)
    assert query is not None
    assert len(codes) == 2
    monkeypatch.chdir(tmp_path)
    Path("query.rq").write_text(unescape(query[1]), encoding="utf-8")
    for code in codes:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(unescape(code), "help", "exec"), {})
        assert "Independent software vendor" in said.getvalue()


def test_the_terms_are_those_of_the_vocabulary(client):
    told = json.loads(client.get("/terms.json").data)
    names = {term["name"] for term in told["classes"] + told["properties"]}
    assert {"pe:Partner", "pe:category"} <= names
    assert told["prefixes"]["pe"].endswith("ontology#")


def test_the_page_of_programmes_tells_each_launch(client, snapshot):
    page = client.get("/programmes", headers=HTML).text
    launches = snapshot.store.quads_for_pattern(None, NamedNode(ONTOLOGY + "launched"), None, DefaultGraph())
    years = {quad.object.value[:4] for quad in launches}
    assert years <= set(re.findall(r'class="year">(\d{4})<', page))
