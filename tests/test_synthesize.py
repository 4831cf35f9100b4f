"""The made-up graph that speed is measured with: the same every time, in our terms, broken only where it says so."""

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import parse

from graph.reading import LoadError, read_file
from graph.validate import room_triples, validate
from tests.benchmarks import synthesize
from tests.benchmarks.vocabulary import NAMED_GRAPH


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "made.nq"
    synthesize.write(path, 300, seed=7)
    return path


def test_the_same_numbers_give_the_same_bytes_and_others_do_not(made: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.nq", tmp_path / "other.nq"
    assert synthesize.write(again, 300, seed=7) == made.read_text().count("\n")
    synthesize.write(other, 300, seed=8)
    assert again.read_bytes() == made.read_bytes() != other.read_bytes()


def test_compressed_bytes_are_the_same_too(tmp_path: Path) -> None:
    # A time stamp in the file would make two equal graphs different inputs.
    paths = [tmp_path / f"{number}.nq.gz" for number in range(2)]
    for path in paths:
        synthesize.write(path, 20, seed=7)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_all_of_it_is_in_its_own_graph(made: Path) -> None:
    assert {quad.graph_name.value for quad in parse(path=str(made))} == {NAMED_GRAPH}


def test_it_breaks_no_shape(made: Path) -> None:
    report = validate([*room_triples("ontology"), *(quad.triple for quad in parse(path=str(made)))])
    assert [f for f in report.findings if f.severity == "violation" and "synthetic" in f.focus] == []


def test_a_partner_has_about_fifteen_statements_and_few_hubs_hold_most_ties(tmp_path: Path) -> None:
    path = tmp_path / "made.nq"
    lines = synthesize.write(path, 4000, seed=3)
    assert 9_000_000 / 640_000 < lines / 4000 < 11_000_000 / 640_000
    ends = Counter(str(q.object) for q in parse(path=str(path)) if q.predicate.value.endswith("#to"))
    assert sum(count for _, count in ends.most_common(10)) > sum(ends.values()) / 2


@pytest.mark.long
def test_every_shape_is_broken_where_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "broken.nq"
    names = [file.name.partition(".")[0] for file in (Path(__file__).parent / "data" / "shapes").glob("*.invalid.ttl")]
    synthesize.write(path, 20, seed=7, violations=len(names) + 3)
    rows = [line.split("\t") for line in path.with_suffix(".violations.tsv").read_text().splitlines()[1:]]
    assert {shape for _, shape in rows} == set(names)
    report = validate([*room_triples("ontology"), *(quad.triple for quad in parse(path=str(path)))])
    found = {(f.focus, f.shape.rsplit("#", 1)[-1]) for f in report.findings if not f.focus.startswith("_:")}
    assert {(focus, shape) for focus, shape in rows if not focus.startswith("_:")} <= found


def test_it_loads_as_it_is_written(tmp_path: Path) -> None:
    packed, plain, broken = (tmp_path / name for name in ("a.nq.gz", "a.nq", "b.nq.gz"))
    for path in (packed, plain):
        synthesize.write(path, 30, seed=5)
    assert list(read_file(packed)) == list(read_file(plain))
    broken.write_bytes(packed.read_bytes()[:-40])
    for path in (broken, tmp_path / "absent.nq.gz"):
        with pytest.raises(LoadError, match=path.name):
            list(read_file(path))
