"""A version with columns is served as one without them, only sooner: the same pages, number by number."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from graph import analysis, columns, describe, questions
from graph.columns.build import build
from graph.columns.opened import opened
from graph.engine.evaluate import evaluate
from graph.engine.question import Question
from graph.engine.sql import answer
from graph.engine.sql.answer import ColumnEngine
from graph.questions import Listed, offered
from graph.questions.offered import Named
from graph.snapshot import DataDirectory, Snapshot
from server import analysis as pages_of_networks
from server import questions as pages_of_questions
from server.app import create_app
from server.service import Service, open_service
from server.settings import Settings
from tests.browser.addresses import PAGES

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def twin(data: DataDirectory, tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    """The shipped graph once more, its live version with columns, as a large one has them."""
    place = tmp_path_factory.mktemp("twin") / "data"
    shutil.copytree(data.path, place, copy_function=os.link)
    made = DataDirectory(place)
    live = made.current()
    if not (live.path / columns.FILE).is_file():
        build(live.store, live.path, "union")
    return made


@pytest.fixture(scope="module")
def serving_twin(twin: DataDirectory) -> Iterator[Service]:
    """A service over that version, which it takes for a large one."""
    opened_service = open_service(Settings(data_dir=twin.path, workers=2, timeout=10.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "LARGE", 1)
        assert opened_service.snapshot().census is not None  # which stays
    yield opened_service
    opened_service.pool.close()


@pytest.fixture(scope="module")
def large(serving_twin: Service) -> Any:
    """A client of that service."""
    return create_app(serving_twin).test_client()


@pytest.mark.parametrize("path", [*PAGES.values(), "/.well-known/void", "/terms.json", "/openapi.json"])
def test_pages_are_the_same(path: str, client: Any, large: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether rows were walked or columns counted: not a number differs, nor its place."""
    monkeypatch.setattr(describe, "_MANY", 20)
    few, many = client.get(path), large.get(path)
    assert (few.status_code, few.data.decode()) == (many.status_code, many.data.decode())


@pytest.fixture(scope="module")
def engine(twin: DataDirectory, tmp_path_factory: pytest.TempPathFactory) -> ColumnEngine:
    """The engine over a copy of the columns, since one process opens a file of them in one way only."""
    place = tmp_path_factory.mktemp("engine")
    shutil.copyfile(twin.current().path / columns.FILE, place / columns.FILE)
    found = opened(place, place / "spill")
    assert found is not None
    return ColumnEngine(found)


@pytest.mark.parametrize("name", questions.names())
def test_questions_with_values_are_answered_as_by_rows(
    name: str, snapshot: Snapshot, engine: ColumnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large version a question is compiled with its parameters' values written out."""
    monkeypatch.setattr(answer, "LARGE", 1)
    asked = questions.question(name)
    bound = questions.bind(asked, {}, {one.name: offered(snapshot, one) for one in asked.parameters})
    told = tuple((variable, str(term)) for variable, term in bound.items())
    found = []
    for own in (engine, None):
        out = BytesIO()
        evaluate(snapshot.store, Question(asked.query, "tsv", largest=1 << 28, bindings=told), out, own)
        found.append(out.getvalue().splitlines())
    by_columns, by_rows = found
    assert by_columns[0] == by_rows[0]
    assert Counter(by_columns) == Counter(by_rows)


@pytest.mark.parametrize("words", ["organization/equinix", "equinix", "Equinix", "EQUINIX", "nobody at all", "equinx"])
def test_what_is_too_long_to_list_is_found_by_name(
    words: str, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it would be in the list: by kind and slug, by slug, by label, in any case."""
    parameter = questions.question("similar-partners").parameters[0]
    listed = offered(snapshot, parameter)
    assert isinstance(listed, Listed)
    named = Named(snapshot, parameter, frozenset(parameter.classes))
    assert named.named(words) == listed.named(words)
    assert named.usual(parameter.default) == listed.usual(parameter.default)
    assert named.usual("") == listed.usual("")
    if words == "equinx":
        assert "organization/equinix" in named.near(words)


def test_a_long_answer_has_pages_for_its_first_rows_and_says_so(
    client: Any, large: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, page = "/questions/providers-by-locations", {"Accept": "text/html"}
    whole = client.get(path, headers=page).data.decode()
    assert "more than" not in whole
    monkeypatch.setattr(pages_of_questions, "SHOWN", 7)
    cut = large.get(path, headers=page).data.decode()
    assert "more than 7 rows" in cut
    assert cut.count("<tr><td>") < whole.count("<tr><td>")
    assert len(large.get(f"{path}.csv").data.splitlines()) > 100  # a document is whole, always


@pytest.mark.parametrize("name", questions.names())
def test_the_first_rows_are_rows_of_the_whole(name: str, snapshot: Snapshot) -> None:
    """In the order of the whole, unless the question leaves that out of what many rows are asked for."""
    asked = questions.question(name)
    bound = questions.bind(asked, {}, {one.name: offered(snapshot, one) for one in asked.parameters})
    whole = questions.ask(snapshot.store, asked, bound).rows
    first = questions.ask(snapshot.store, replace(asked, query=asked.first(3)), bound).rows
    if asked.found:
        assert len(first) == 3
        assert set(first) <= set(whole)
    else:  # one that asks for the first of its rows already is asked as it is
        assert first == (whole if asked.first(3) == asked.query else whole[:3])


def test_a_large_version_without_measures_says_so(serving_twin: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working all of it out would hold the service up for minutes."""
    monkeypatch.setattr(pages_of_networks, "LARGE", 1)
    monkeypatch.setattr(analysis.Kept, "is_whole", False)
    reply = create_app(serving_twin).test_client().get("/analysis", headers={"Accept": "application/json"})
    assert reply.status_code == 404
    assert reply.json["type"].endswith("not-measured")
