"""A snapshot as a folder: each named graph, the ontology and the shapes as a Turtle file of its own, and an index."""

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from pyoxigraph import NamedNode, Store

from graph.export import NotSerialisable, named_graph, named_graphs, room, write
from graph.formats import TURTLE
from graph.names import GRAPH, slug

INDEX: Final = "index.tsv"
ROOMS: Final = ("ontology", "shapes")


class Written(NamedTuple):
    """A file of an exported directory: its name, its named graph ("" for none), its size and its digest."""

    file: str
    graph: str
    triples: int
    sha256: str


Give = Callable[[str], tuple[int, Iterable[bytes]]]
"""How many statements a named graph has, and its Turtle."""


def directory(store: Store, folder: Path, *, overwrite: bool = False, give: Give | None = None) -> list[Written]:
    """Write each named graph, the ontology and the shapes to a Turtle file of its own, and `index.tsv`.

    A new folder appears whole or not at all. With `overwrite`, an existing one gets each file whole, the
    index last; files of an earlier export that this one does not have are removed, other files are left
    alone. `give` tells what a graph holds, where looking it up in `store` would take too long.
    Raises FileExistsError where `folder` has something in it and `overwrite` is false, NotSerialisable (nothing is
    written) where a graph has no IRI or cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and not overwrite and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name another folder or overwrite it")
    home = folder if folder.exists() else folder.parent
    with TemporaryDirectory(prefix=".export-", dir=home) as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        rows = _fill(store, new, give or partial(_looked_up, store))
        if folder.exists():
            _replace(new, folder, rows)
        else:
            new.rename(folder)
    return rows


def _looked_up(store: Store, graph: str) -> tuple[int, Iterable[bytes]]:
    count = sum(1 for _ in store.quads_for_pattern(None, None, None, NamedNode(graph)))
    return count, named_graph(store, graph, TURTLE)


def _fill(store: Store, folder: Path, give: Give) -> list[Written]:
    """Write all files of an export to the empty `folder`; give their rows, in the order of the index."""
    rows = []
    taken = {*ROOMS, "index"}
    for graph in named_graphs(store):
        if not isinstance(graph, NamedNode):
            raise NotSerialisable(f"the graph {graph} has no IRI, so no file can be named after it")
        name = _file_name(graph.value, taken)
        count, document = give(graph.value)
        rows.append(_save(document, folder / name, graph.value, count))
    for name in ROOMS:
        quads = room(name)
        rows.append(_save(write(quads, TURTLE), folder / f"{name}{TURTLE.suffix}", "", len(set(quads))))
    lines = ["\t".join(Written._fields), *("\t".join(map(str, row)) for row in rows)]
    (folder / INDEX).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return rows


def _file_name(graph: str, taken: set[str]) -> str:
    """Give a file name for a named graph: its slug, and part of a digest where that is taken."""
    local = graph.removeprefix(GRAPH)
    try:
        name = slug(local)
    except ValueError:
        name = "graph"
    name = name[:100]
    if name in taken:
        name += "-" + hashlib.sha256(graph.encode()).hexdigest()[:12]
    taken.add(name)
    return name + TURTLE.suffix


def _save(chunks: Iterable[bytes], file: Path, graph: str, count: int) -> Written:
    digest = hashlib.sha256()
    with file.open("xb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return Written(file.name, graph, count, digest.hexdigest())


def _replace(new: Path, folder: Path, rows: Iterable[Written]) -> None:
    """Move the files of `new` into `folder`, the index last, and remove what only the old index lists."""
    index = folder / INDEX
    old = set()
    if index.is_file():
        old = {line.split("\t")[0] for line in index.read_text(encoding="utf-8").splitlines()[1:]}
    kept = {row.file for row in rows}
    for file in sorted(kept):
        (new / file).replace(folder / file)
    (new / INDEX).replace(index)
    for file in old - kept:
        # Only plain names of files of ours: an index that somebody edited must not reach elsewhere.
        if Path(file).name == file and file.endswith(TURTLE.suffix):
            (folder / file).unlink(missing_ok=True)
