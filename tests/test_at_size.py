"""A version with columns is served as one without them, only sooner: the same pages, number by number."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from graph import columns, describe
from graph.columns.build import build
from graph.snapshot import DataDirectory
from server.app import create_app
from server.service import open_service
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
def large(twin: DataDirectory) -> Iterator[Any]:
    """A client of a service that takes that version for a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "LARGE", 1)
        assert twin.current().census is not None
    service = open_service(Settings(data_dir=twin.path, workers=2, timeout=10.0))
    yield create_app(service).test_client()
    service.pool.close()


@pytest.mark.parametrize("path", [*PAGES.values(), "/.well-known/void", "/terms.json", "/openapi.json"])
def test_pages_are_the_same(path: str, client: Any, large: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether rows were walked or columns counted: not a number differs, nor its place."""
    monkeypatch.setattr(describe, "_MANY", 20)
    few = client.get(path)
    monkeypatch.setattr(columns, "LARGE", 1)
    many = large.get(path)
    assert (few.status_code, few.data.decode()) == (many.status_code, many.data.decode())
