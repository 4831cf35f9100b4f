"""Fixtures: the shipped snapshot, built once a session, and a service over it."""

import fcntl
import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from graph.build import build
from graph.draw import Drawn, draw
from graph.inputs import Facts, shipped
from graph.snapshot import DataDirectory, Snapshot

# No example has to be quick: what it says is right or wrong, and the machine may be busy with something else.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--shipped DIR`: a data directory `partnergraph build` made of this tree, saving a minute."""
    parser.addoption("--shipped", metavar="DIR", help="a data directory to copy instead of building the facts")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> DataDirectory:
    """A data directory with the shipped facts, built as a user's first start builds them."""
    several = hasattr(pytestconfig, "workerinput")  # of xdist: they have one folder above theirs, and share the build
    home = tmp_path_factory.getbasetemp()
    home = home.parent if several else home
    directory = DataDirectory(home / "shipped")
    with (home / "shipped.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if directory.path.exists():
            return directory
        if made := pytestconfig.getoption("shipped"):
            shutil.copytree(made, directory.path, ignore=shutil.ignore_patterns("*.lock", "spool"))
        else:
            build(shipped(), directory)
    return directory


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    """The shipped facts as a build draws them, with what became of each row."""
    return draw(shipped())


@pytest.fixture(scope="session")
def snapshot(data: DataDirectory) -> Snapshot:
    """The live version of the shipped facts, analysis included."""
    return data.current()


@pytest.fixture(scope="session")
def service(data: DataDirectory) -> "Iterator[object]":
    """A service over the shipped facts, in this process."""
    server = importlib.import_module("server.service")
    settings = importlib.import_module("server.settings").Settings(data_dir=data.path, workers=2, timeout=5.0)
    opened = server.open_service(settings)
    yield opened
    opened.pool.close()


@pytest.fixture(scope="session")
def app(service: object) -> object:
    """The WSGI application over the shipped facts."""
    return importlib.import_module("server.app").create_app(service)


@pytest.fixture
def client(app: object) -> object:
    """A client of the application in this process."""
    return app.test_client()  # type: ignore[attr-defined]


@pytest.fixture
def root() -> Path:
    """The project's root."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def second_facts() -> Path:
    """The folder of facts of a small ecosystem of made-up firms, under another operator."""
    return Path(__file__).parent / "data" / "second"


@pytest.fixture(scope="session")
def second_data(tmp_path_factory: pytest.TempPathFactory, second_facts: Path) -> DataDirectory:
    """A data directory with the second ecosystem; tests that write take a copy of it."""
    directory = DataDirectory(tmp_path_factory.mktemp("second"))
    build(Facts(second_facts), directory)
    return directory


@pytest.fixture(scope="session")
def second(second_data: DataDirectory) -> Snapshot:
    """The live version of the second ecosystem, analysis included."""
    return second_data.current()


@pytest.fixture(scope="session")
def second_app(second_data: DataDirectory) -> "Iterator[object]":
    """The WSGI application over the second ecosystem."""
    settings = importlib.import_module("server.settings").Settings(data_dir=second_data.path, workers=1, timeout=5.0)
    opened = importlib.import_module("server.service").open_service(settings)
    yield importlib.import_module("server.app").create_app(opened)
    opened.pool.close()


@pytest.fixture
def visitor(second_app: object) -> object:
    """A browser of the second ecosystem, in this process."""
    return second_app.test_client()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def serving() -> "Iterator[object]":
    """Start `partnergraph serve` over a data directory: a function of path and options; all end with the session."""
    running = importlib.import_module("tests.live").Running()
    yield running.start
    running.stop()


@pytest.fixture(scope="session")
def live_server(serving: object, data: DataDirectory) -> object:
    """A real server over the shipped facts (tests.live.Live); nobody publishes there or kills its processes."""
    return serving(data.path, workers=2, timeout=8)  # type: ignore[operator]


@pytest.fixture(scope="session")
def server_url(live_server: object) -> str:
    """The address of that server."""
    return live_server.url  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(scope="session")
def browser() -> "Iterator[object]":
    """Chromium, one for the session."""
    chromium = importlib.import_module("tests.chromium")
    chromium.need()
    with chromium.chromium() as opened:
        yield opened
