"""The benchmarks work and their promises hold: all hostile requests, a few kills; and plain tests of their parts."""

import importlib
import math
import socket
import time
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Store

from graph.snapshot import DataDirectory


def module(name: str):  # what is imported at the top would cost every run of the suite
    return importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.benchmark
@pytest.mark.timeout(900)
def test_no_hostile_request_takes_the_service_down(data: DataDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    failed = module("hostile").main(["--seconds", "1", "--data", str(data.path)])
    assert not failed, capsys.readouterr().out


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_killing_its_processes_loses_and_falsifies_nothing(
    data: DataDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = module("kills").main(["--seconds", "15", "--seed", "4", "--data", str(data.path)])
    assert not failed, capsys.readouterr().out


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_throughput_is_measured_without_errors(data: DataDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    module("throughput").main(["--seconds", "1", "--rounds", "1", "--data", str(data.path)])
    assert "no errors (0)" in capsys.readouterr().out


def test_there_are_kinds_enough_and_each_has_its_own_name() -> None:
    attacks = module("attacks").ATTACKS
    assert len({attack.name for attack in attacks}) == len(attacks) >= 25
    assert all(attack.clients and attack.statuses for attack in attacks)


QUIET, BESIDE = 2.0, 5.0


def run_of(**changed: object):
    hostile = module("hostile")
    attack = module("attacks").ATTACKS[0]
    found = hostile.Found(Counter({attack.statuses[0]: 3}), attack.within)
    given = {"quiet": QUIET, "beside": BESIDE, "most": hostile.BOUND, **changed}
    faults = given.pop("found", {})
    for name, value in faults.items():
        setattr(found, name, value)
    return hostile.judge(hostile.Run("ours", kinds={attack.name: found}, **given), [attack])


def test_a_run_at_its_bounds_passes() -> None:
    assert run_of() == []


@pytest.mark.parametrize("changed", [
    {"quiet": 0.5},
    {"beside": math.inf},
    {"quiet": math.inf, "beside": math.inf},
    {"most": 10**6},
    {"touched": 1},
    {"restarts": 1},
    {"found": {"statuses": Counter({200: 1})}},
    {"found": {"statuses": Counter({503: 9, -1: 1})}},
    {"found": {"slowest": 99.0}},
    {"found": {"faults": ["the body is cut"]}},
])  # fmt: skip
def test_every_kind_of_failure_fails(changed: dict[str, object]) -> None:
    assert len(run_of(**changed)) == 1


@pytest.mark.parametrize(("accept", "body", "count"), [
    ("text/csv", b"s,o\r\n1,2\r\n3,4\r\n", 2),
    ("text/csv", b"s,o\r\n1,2\r\n3", 1),
    ("application/sparql-results+json", b'{"head":{"vars":["s"]},"results":{"bindings":[{},{}]}}', 2),
    ("application/n-triples", b"<a:a> <a:b> <a:c> .\n", 1),
])  # fmt: skip
def test_answers_are_counted(accept: str, body: bytes, count: int) -> None:
    kills = module("kills")
    assert kills.check(kills.Job("q", accept, count), body) == ""
    assert kills.check(kills.Job("q", accept, count + 1), body) != ""


@pytest.mark.parametrize(("accept", "body"), [
    ("application/sparql-results+json", b'{"head":{"vars":["s"]},"results":{"bindings":[{},'),
    ("application/n-triples", b"<a:a> <a:b> <a:c"),
    ("application/rdf+xml", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'),
    ("application/sparql-results+xml", b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><results>'),
])  # fmt: skip
def test_a_cut_answer_is_no_answer(accept: str, body: bytes) -> None:
    kills = module("kills")
    assert kills.check(kills.Job("q", accept, 0), body) != ""


def test_a_section_of_the_page_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    report, page = module("report"), tmp_path / "page.md"
    for section, line in (("kills", "one"), ("hostile", "two"), ("kills", "three")):
        report.write(section, [line], page)
    text = page.read_text()
    assert "one" not in text and text.index("two") < text.index("three")
    assert text.count("## ") == 2


def test_the_canary_counts() -> None:
    canary = module("canary").Canary()
    with canary:
        port = int(canary.address.rpartition(":")[2].partition("/")[0])
        assert canary.touched == 0
        socket.create_connection(("127.0.0.1", port)).close()
        until = time.monotonic() + 5
        while not canary.touched and time.monotonic() < until:
            time.sleep(0.01)
    assert canary.touched == 1


def scale_run(**changed: object):
    scale, names = module("scale.page"), [n for q in module("scale.queries").FAMILIES.values() for n in q]
    timed = module("scale.measure").Timed
    rows = {name: timed(100.0, "same") for name in names}
    ours = {name: changed.get(name, timed(1.0, "same")) for name in names}
    return scale, {1000: {"ours": ours, "rows": rows}}, timed


def test_a_different_answer_and_none_are_marked() -> None:
    timed = module("scale.measure").Timed
    scale, results, _ = scale_run(**{"one partner": timed(1.0, "other"), "label of one": timed(None)})
    lines = scale.lines(results, {}, 60_000)
    assert "| lookup | one partner | 1.0 **!** | 100.0 |" in lines
    assert "| lookup | label of one | - | 100.0 |" in lines
    assert sum("**!**" in line for line in lines if line.startswith("| ")) == 1


def test_a_file_that_says_something_else_is_marked() -> None:
    exported = module("scale.exports").Exported
    same = {"ours": exported(2.0, 3.0, 100, 5 << 20, 1000, 7), "theirs": exported(4.0, 4.0, 50, 9 << 20, 1000, 7)}
    other = same | {"theirs": exported(4.0, 4.0, 50, 9 << 20, 1000, 8)}
    lines = module("scale.page").files({"Turtle": same, "N-Quads": other})
    assert "| Turtle | ours | 2.0 | 3.0 | 500 | 100 | 5 |" in lines
    assert "| N-Quads **!** | theirs | 4.0 | 4.0 | 250 | 50 | 9 |" in lines


@pytest.mark.long
def test_a_made_up_graph_is_written_and_read_again(tmp_path: Path) -> None:
    place, _ = module("scale.snapshots").snapshot(tmp_path, 50)
    found = module("scale.exports").exports(place, tmp_path)
    store = Store(str(place / "oxigraph"))
    assert {told.statements for by_writer in found.values() for told in by_writer.values()} == {len(store) // 2}


def test_no_answer_counts_with_the_limit_in_a_mean() -> None:
    timed = module("scale.measure").Timed
    scale, _, _ = scale_run()
    assert scale.mean({"a": timed(1.0), "b": timed(None)}, ["a", "b"], 10_000) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("seconds", "memory", "judged", "holds"),
    [(25.0, 6000, 59.0, "yes"), (25.1, 6000, 59.0, "no"), (20.0, 6144, 59.0, "no"), (20.0, 6000, 60.0, "no")],
)
def test_a_load_holds_within_all_three_bounds(seconds: float, memory: int, judged: float, holds: str) -> None:
    loading = module("scale.loading")
    peer, ours = loading.Run(10.0, 12.0, 1800), loading.Run(seconds, 40.0, memory)
    (line,) = loading.lines({1000: loading.Loaded(peer, ours, loading.Run(judged, 9.0, 500))})[-1:]
    assert line.endswith(f"| {holds} |")


def test_there_are_queries_enough_in_four_families_and_each_can_be_read() -> None:
    families = module("scale.queries").FAMILIES
    assert len(families) == 4 and sum(map(len, families.values())) >= 25
    for queries in families.values():
        for text in queries.values():
            Store().query(text)


def test_answers_are_compared_in_whatever_order() -> None:
    digest = module("scale.measure").digest
    same, other = (digest(answer, "SELECT") for answer in (b"b\r\na\r\n", b"a\r\na\r\n"))
    assert digest(b"a\r\nb\r\n", "SELECT") == same != other


def test_pages_at_size_know_their_sorts() -> None:
    """One sort a route, with what makes it another page: the names of parameters, and each class, question and kind."""
    sizes = module("pages_at_size")
    paths = {"/": {}, "/class/{name}": {}, "/id/{kind}/{name}": {}, "/search": {}, "/export/{name}.{suffix}": {}}
    crawl = sizes.Crawl("http://127.0.0.1", 2, paths)
    for address, sort in {
        "/": "/",
        "/class/Partner?region=a&tier=b": "/class/Partner?region&tier",
        "/id/organization/equinix.html": "/id/organization/{name}.html",
        "/id/organization/equinix": "/id/organization/{name}",
        "/search?q=x": "/search?q",
        "/export/shapes.ttl": "/export/{name}.ttl",
        "/export/all.ttl": None,
        "/class/Partner.csv": None,
        "/nowhere": None,
    }.items():
        assert crawl.sort(address) == sort
    asked = {"/": [sizes.Asked("/", 200, 0.5, 0.1, 10), sizes.Asked("/?", 0, math.inf, math.inf, 0)]}
    assert sizes.table(asked)[2:] == ["| `/` (no answer) | 2 | inf | inf | `/?` |"]


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_pages_at_size_crawl_a_whole_service(data: DataDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    module("pages_at_size").main(["--each", "1", "--data", str(data.path)])
    said = capsys.readouterr().out
    for sort in ("`/class/Partner`", "`/search?q`", "`/analysis/path?from&to`", "`/questions/bridges`"):
        assert sort in said
    assert "no answer" not in said
