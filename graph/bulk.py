"""Files of lines in bulk: the row engine reads them by itself, aside, while columns are made of the same files."""

import gzip
import shutil
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from graph.columns.build import ColumnsError
from graph.columns.lines import build_from
from graph.manifest import Mode
from graph.progress import Progress
from graph.reading import LoadError
from graph.store import DEFAULT, named_quads

_LINES: Final = {".nq": RdfFormat.N_QUADS, ".nt": RdfFormat.N_TRIPLES}
_LARGE: Final = 1 << 24  # bytes; what is smaller is read as all files are, with its progress shown
_PACKED: Final = 1 << 19  # bytes; what is smaller is not unpacked
_BLOCK: Final = 1 << 20
_MANY: Final = 100_000  # statements from which their file is written and read again by the engine alone ...
_GRAPHS: Final = 20  # ... where they lie in few graphs


class Rows:
    """The rows of `store`, filled with one file after the other, aside. As a context it ends when they are filled."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._aside = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._aside.shutdown(cancel_futures=True)

    def load(self, path: Path, graph: str | None, name: Path) -> None:
        """Begin to load a file of lines, which errors call `name`, its triples into `graph` where one is given."""
        self._begun.append(self._aside.submit(_loaded, self._store, path, graph, name))

    def look(self) -> None:
        """Raise LoadError where a file failed so far."""
        for one in self._begun:
            if one.done():
                one.result()

    def wait(self) -> None:
        """Wait until all is loaded that was begun. Raises LoadError."""
        while self._begun:
            self._begun.pop(0).result()


def _loaded(store: Store, path: Path, graph: str | None, name: Path) -> None:
    try:
        store.bulk_load(path=str(path), format=_LINES[path.suffix], to_graph=NamedNode(graph) if graph else None)
    except (SyntaxError, ValueError) as error:
        raise LoadError(f"{name}: {error}") from error


def in_lines(path: Path, graph: str | None) -> bool:
    """Whether the engine can read a large file by itself, several times faster, and that gives the same.

    It renames blank nodes, so that their labels, and the digest, would differ each time: a file with any is not taken.
    """
    if path.suffix not in _LINES or path.stat().st_size < _LARGE or (graph and path.suffix == ".nq"):
        return False
    return not _has_blank_nodes(path)


def unpacked(files: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """Give `files` by where they can be read, large ones of gzipped lines unpacked into `folder`. Raises LoadError."""
    found = {}
    for number, path in enumerate(files):
        plain = path
        if path.suffix == ".gz" and path.with_suffix("").suffix in _LINES and path.stat().st_size > _PACKED:
            plain = folder / f"{number}{path.with_suffix('').suffix}"
            try:
                with gzip.open(path) as packed, plain.open("wb") as out:
                    shutil.copyfileobj(packed, out, _BLOCK)
            except (OSError, EOFError, zlib.error) as error:
                raise LoadError(f"{path}: {error}") from error
        found[plain] = path
    return found


def load_lines(
    rows: Rows, files: Mapping[Path, Path], graph: str | None, folder: Path, place: Path, progress: Progress
) -> Mode | None:
    """Begin to load files that are all in lines, then their union, and make their columns in `folder` meanwhile.

    `files` are what errors call each; in `place` lies what `rows` read. Gives the mode; None where there are no
    columns: the rows are then there, without a union. Raises LoadError.
    """
    united = place / "union.nt"
    for path, name in files.items():
        rows.load(path, graph, name)
    try:
        mode = build_from(list(files), graph, folder, united, progress)
    except ColumnsError:
        rows.wait()
        return None
    rows.look()
    if mode == "union":
        rows.load(united, None, united)
    return mode


def _has_blank_nodes(path: Path) -> bool:
    """Whether a file of lines may have a blank node."""
    with path.open("rb") as file:
        end = b""
        while block := file.read(_BLOCK):
            if b"_:" in end + block:
                return True
            end = block[-1:]
    return False


def unite(store: Store, folder: Path) -> None:
    """Add the triples of all named graphs of `store` to its default graph, by way of a file in `folder`."""
    file, names = folder / "graph.nt", list(store.named_graphs())
    if len(store) < _MANY or len(names) > _GRAPHS:
        store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in named_quads(store))
        return
    for name in names:
        store.dump(str(file), format=RdfFormat.N_TRIPLES, from_graph=name)
        if _has_blank_nodes(file):
            quads = store.quads_for_pattern(None, None, None, name)
            store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
        else:
            store.bulk_load(path=str(file), format=RdfFormat.N_TRIPLES, to_graph=DEFAULT)
        file.unlink()
