"""Every type of problem that the service can answer with leads to a document that explains it."""

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest
from werkzeug.test import Client

from server import problems
from server.problem_types import BY_SLUG, TYPES
from server.serve import over
from server.service import open_service
from server.settings import Settings

SERVER = Path(__file__).parents[1] / "server"


@pytest.fixture(scope="module")
def web(second_data):
    service = open_service(Settings(data_dir=second_data.path, workers=1))
    yield Client(over(service))
    service.pool.close()


def said():
    """Give the slugs with their statuses that the code hands to a Problem, and those it makes of HTTP's own errors."""
    found = set()
    for path in SERVER.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Problem":
                status, slug = call.args[:2]
                if isinstance(slug, ast.Constant):
                    found.add((slug.value, status.value))
                elif isinstance(slug, ast.JoinedStr):  # f"{name}-limit"
                    names = re.findall(r'_limit\("([\w-]+)"', path.read_text(encoding="utf-8"))
                    found |= {(f"{name}-limit", status.value) for name in names}
    from server.changes import _STATUSES
    from server.outcomes import _REFUSED

    found |= {(slug, 403) for slug in _REFUSED.values()} | set(_STATUSES.items())
    return found | {(slug, status) for status, slug in problems._SLUGS.items()}


def test_every_type_that_is_said_is_in_the_table_and_no_other():
    assert len(said()) > 15
    assert said() == {(row.slug, row.status) for row in TYPES}
    assert len(BY_SLUG) == len(TYPES)


@pytest.mark.parametrize("row", TYPES, ids=lambda row: row.slug)
def test_a_type_has_a_document_for_people_and_for_programs(web, row):
    HTTPStatus(row.status)
    told = web.get(f"/problems/{row.slug}")
    assert (told.status_code, told.json["title"], told.json["remedy"]) == (200, row.title, row.remedy)
    page = web.get(f"/problems/{row.slug}", headers={"Accept": "text/html"})
    assert page.status_code == 200 and row.title in page.text
    index = web.get("/problems/", headers={"Accept": "text/html"})
    assert f'href="/problems/{row.slug}"' in index.text


@pytest.mark.parametrize(("path", "slug"), [
    ("/nowhere", "not-found"), ("/sparql?query=SELECT", "malformed-query"), ("/problems/none", "not-found"),
    ("/sparql?query=ASK%20%7BSERVICE%20%3Chttp%3A%2F%2Fx%2F%3E%20%7B%7D%7D", "service-refused"),
])  # fmt: skip
def test_a_problem_leads_to_its_type(web, path, slug):
    reply = web.get(path)
    assert reply.json["type"] == f"/problems/{slug}"
    assert web.get(reply.json["type"]).json["status"] == reply.status_code
    page = web.get(path, headers={"Accept": "text/html"})
    if page.status_code != 200:  # a query's problem may be shown with the query
        assert f'href="/problems/{slug}"' in page.text


def test_the_list_of_types(web):
    assert [row["slug"] for row in web.get("/problems/").json] == [row.slug for row in TYPES]
