"""A document out of columns has the bytes of the one out of rows, whatever the terms and however it is cut."""

from contextlib import contextmanager
from tempfile import TemporaryDirectory
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, serialize

from graph import export, whole
from graph.columns import document
from graph.columns.build import build
from graph.export import Part, everything
from graph.formats import GRAPH_FORMATS, NQUADS, NTRIPLES, TRIG, TURTLE
from graph.store import in_memory
from tests.test_export import EX, PREFIXES_OF_TEST, RDF_TYPE, iris, literals

SORTED = (TURTLE, TRIG, NTRIPLES, NQUADS)
ONE, TWO, THREE = (EX + name for name in ("g", "obo", "z/1.2"))
# Few subjects and predicates: lists of objects, of predicates, and subjects in several graphs.
subjects = st.sampled_from([NamedNode(EX + name) for name in ("a", "a.b", "a.", "%41", "-x", "1")]) | iris
predicates = st.sampled_from([RDF_TYPE, NamedNode(EX + "p"), NamedNode("http://a/first")]) | iris
objects = literals | subjects
graphs = st.sampled_from([NamedNode(name) for name in (ONE, TWO, THREE)])
quads = st.lists(st.builds(Quad, subjects, predicates, objects, graphs), max_size=40)


@contextmanager
def columns(store, mode="union"):
    with TemporaryDirectory() as folder:
        build(store, Path(folder), mode)
        with document.opened(Path(folder)) as found:
            yield found


def both(found, store, part, form, prefixes=PREFIXES_OF_TEST):
    """Give a part's text out of columns, and out of rows."""
    return "".join(found.write(part, form, prefixes)), b"".join(export.part(store, part, form, prefixes)).decode()


def strings(*texts):
    return [Quad(NamedNode(EX + "s"), NamedNode(EX + "p"), Literal(text), NamedNode(ONE)) for text in texts]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=quads, size=st.sampled_from([1, 3, 500_000]))
@example(strings('"\n', '\n"', '""\n""a""', '\\"\n\\', "\x01\n", "a\u202e\n", "\x01b", "\r\n", '"""'), 3)
@example(strings("a", "a ", "a!", 'a"', "b\u00a0", "\U0001f600", "\uffff", "\ufffe", "\0"), 3)
def test_columns_write_what_rows_do(found, size):
    store = in_memory(found)
    with pytest.MonkeyPatch.context() as patch, columns(store) as written:
        patch.setattr(document, "_RANGE", size)
        patch.setattr(document, "_BUCKET", 0)
        for form in SORTED:
            for part in (Part(), Part(named=True), *(Part(True, graph.value) for graph in store.named_graphs())):
                if form.quads or part != Part(named=True):  # a format for one graph has no names to tell them by
                    ours, rows = both(written, store, part, form)
                    assert ours == rows, (form.name, part)
