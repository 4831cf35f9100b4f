"""Networks from the columns into arrays: the same networks and values as graph.analysis has from the rows."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from pyoxigraph import Store, parse

from graph import analysis
from graph.analysis import measures, positions
from graph.analysis.communities import communities
from graph.analysis.examined import Examined
from graph.analysis.large import cuts, structure, whole
from graph.analysis.large.arrays import NotDrawn, draw, folded
from graph.analysis.large.measured import measured, values
from graph.analysis.large.positions import EXACT, LANDMARKS, sampled_betweenness, sampled_closeness
from graph.analysis.large.several import large_single_points, partners
from graph.analysis.large.steps import steps_from
from graph.analysis.networks import describe, names, project
from graph.build import analyse_again
from graph.columns.build import build
from graph.columns.opened import Columns, opened
from graph.load import load
from graph.manifest import SnapshotError
from graph.snapshot import DataDirectory
from graph.store import in_memory
from tests.benchmarks import synthesize

TOLERANCE = 1e-9  # relative; of HITS, whose sums go on until they settle, its own
SMALL, DIRECTED = "programme-participation", "provider-via-provider"


def _both(folder: Path, partners: int) -> tuple[Store, Columns]:
    synthesize.write(folder / "made.nq", partners, seed=3)
    store = in_memory(parse(path=str(folder / "made.nq")))
    build(store, folder, "union")
    columns = opened(folder, folder / "spill")
    assert columns is not None
    return store, columns


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Columns]:
    return _both(tmp_path_factory.mktemp("arrays"), 300)


def _agree(store: Store, columns: Columns, name: str) -> None:
    """Everything that is exact is the same in both ways: the network, its measures, its figures and its curves."""
    network = describe(name)
    graph, found = project(store, name), draw(columns, network)
    assert found.iris == list(graph)
    ends = {(found.iris[a], found.iris[b]) for a, b in zip(found.tails, found.heads, strict=True)}
    assert ends == {(a, b) if found.directed or (a, b) in ends else (b, a) for a, b in graph.edges()}
    if not found.ties:
        return
    parts = structure.parted(found)
    if parts is not None:
        for node, group in zip(graph, parts.member, strict=True):
            graph.nodes[node]["community"] = int(group)
    for measure in measures.MEASURES:
        if measure.applies(graph):
            wanted = measure.compute(graph)
            np.testing.assert_allclose(
                values(found, measure, parts).values, [wanted[node] for node in graph],
                rtol=max(measure.tolerance, TOLERANCE), atol=1e-11, err_msg=measure.name)  # fmt: skip
    assert whole.summary(found) == analysis.summary(graph)
    for one, other in zip(whole.figures(found, acyclic=network.acyclic),
                          analysis.figures(graph, acyclic=network.acyclic), strict=True):  # fmt: skip
        assert one.kind == other.kind and one.value == pytest.approx(other.value, rel=TOLERANCE), one.kind.name
    assert whole.slices(found) == analysis.slices(graph)
    assert whole.distribution(found) == analysis.distribution(graph)
    assert structure.robustness(found, 3) == analysis.robustness(graph, 3)
    core = analysis.core_periphery(graph)
    assert structure.core(found) == ({} if core is None else {
        "core-size": len(core.core), "core-density": core.inside, "periphery-density": core.outside})  # fmt: skip
    assert [(lost, found.iris[a], found.iris[b]) for lost, a, b in cuts.bridges(found)] == [
        (row.cut_off, row.one, row.other) for row in analysis.bridges(graph)]  # fmt: skip


@pytest.mark.parametrize("name", [SMALL, DIRECTED])
def test_both_draw_the_same_network_and_measure_it_alike(name: str, both: tuple[Store, Columns]) -> None:
    _agree(*both, name)


@pytest.mark.long
@pytest.mark.parametrize("name", names())
def test_every_network_of_a_thousand_partners_is_alike(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    _agree(*_both(tmp_path_factory.mktemp("thousand"), 1000), name)


def test_what_is_sampled_is_the_same_sample_and_near_the_truth(both: tuple[Store, Columns]) -> None:
    store, columns = both
    graph, found = project(store, SMALL), draw(columns, describe(SMALL))
    mean, error = sampled_betweenness(found, 50, seed=5)
    wanted = positions.sampled_betweenness(graph, 50, seed=5)
    np.testing.assert_allclose(mean, [value for value, _ in wanted.values()], atol=1e-12)
    np.testing.assert_allclose(error, [spread for _, spread in wanted.values()], atol=1e-12)
    near, spread = sampled_closeness(found, 60)
    true = EXACT["closeness"](found)
    assert (np.abs(near - true) <= 4 * spread + 1e-9).mean() > 0.95
    assert found.size < LANDMARKS and np.allclose(sampled_closeness(found)[0], true)
    with pytest.raises(ValueError, match="pivots"):
        sampled_betweenness(found, 3)


def test_steps_are_counted_from_more_starts_than_a_word_has_bits(both: tuple[Store, Columns]) -> None:
    found = draw(both[1], describe(SMALL))
    starts = np.arange(min(100, found.size))
    wanted = np.where(np.isinf(far := np.array(found.plain.distances(source=starts.tolist()))), 0, far).sum(axis=0)
    assert steps_from(found.near, starts).tolist() == wanted.tolist()


def test_random_networks_keep_degrees_and_the_communities_are_as_good(both: tuple[Store, Columns]) -> None:
    store, columns = both
    for name in (SMALL, DIRECTED):
        found, graph = draw(columns, describe(name)), project(store, name)
        for null in structure.nulls(found, 2):
            assert null.degree() == found.graph.degree()
            assert not any(null.is_loop()) and sorted(null.es["weight"]) == sorted(found.weights)
        parts, wanted = structure.parted(found), communities(graph, seeds=3)
        assert parts is not None and wanted is not None
        assert parts.modularity == pytest.approx(wanted.modularity, abs=0.03)
        assert parts.null_mean == pytest.approx(wanted.null_mean, abs=0.06)


def test_what_is_folded_is_the_same_and_bounded(both: tuple[Store, Columns], monkeypatch: pytest.MonkeyPatch) -> None:
    store, columns = both
    graph, found = project(store, "partner-partner"), draw(columns, describe("partner-partner"))
    assert found.iris == list(graph) and found.ties == graph.number_of_edges()
    assert {(found.iris[a], found.iris[b]): w for a, b, w in zip(found.tails, found.heads, found.weights, strict=True)
            } == {(a, b): w for a, b, w in graph.edges(data="weight")}  # fmt: skip
    monkeypatch.setattr("graph.analysis.large.arrays.LARGEST_FOLDED", 1)
    tied = {name: np.arange(3) * 0 + 7 for name in ("target", "since", "evidence", "evidence_too")}
    with pytest.raises(NotDrawn, match="3 pairs"):
        folded({**tied, "source": np.arange(3)})


def test_results_are_those_of_the_plain_way_with_the_first_of_each_side(both: tuple[Store, Columns],
                                                                        tmp_path: Path) -> None:  # fmt: skip
    store, columns = both
    network = describe(SMALL)
    found = measured(columns, network, draw(columns, network), tmp_path / "nodes.parquet")
    plain = Examined(network, project(store, SMALL))
    for name in ("degree", "pagerank", "betweenness"):
        mine, wanted = found.measures[name], plain.rows(name)
        assert [(row.iri, row.rank, row.population, row.label, row.kind) for row in mine] == [
            (row.iri, row.rank, row.population, row.label, row.kind) for row in wanted]  # fmt: skip
    table = duckdb.execute(f"SELECT iri, degree FROM '{tmp_path / 'nodes.parquet'}' ORDER BY iri").fetchall()
    assert table == [(node, degree) for node, degree in plain.graph.degree()]
    assert "Nestedness is left out" in found.said and "communities" in found.said
    assert partners(columns) == analysis.of_partners(store)
    assert large_single_points(columns) == analysis.single_points(store)


@pytest.mark.long
def test_a_loaded_graph_is_measured_published_checked_and_shown(tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """All the way: load, publish the analysis, compare it, and read what pages show; nothing of it by networkx."""
    monkeypatch.setattr("graph.analysis.size.LARGE", 1)
    monkeypatch.setattr("graph.columns.FEWEST", 1)
    synthesize.write(tmp_path / "made.nq", 300, seed=3)
    data = DataDirectory(tmp_path / "data")
    loaded = load([tmp_path / "made.nq"], data)
    with data.writer():
        made = analyse_again(data)
    assert made.manifest.origin == "analysis" and not made.manifest.is_built
    with data.writer(), pytest.raises(SnapshotError, match="holds what an analysis measured"):
        analyse_again(data)
    checked = analysis.check(made.store, folder=made.path)
    assert checked.agrees, (checked.missing[:3], checked.unexpected[:3], checked.facts, checked.facts_named)
    assert checked.facts == loaded.manifest.digest
    kept = analysis.Kept(made.path, made.store)
    assert kept.summary(SMALL) == analysis.summary(project(loaded.store, SMALL))
    assert kept.rows(SMALL, "degree")[0].rank == 1 and "Most ties" in kept.caption(SMALL, "2026-11-23")
    assert kept.report(SMALL, "communities").rows and kept.partners() and kept.single_points().articulation
    assert not kept.measures("solution-dependency") and (made.path / f"analysis-{SMALL}.parquet").is_file()
    with pytest.raises(analysis.TooLarge):
        kept.network(SMALL)
    with pytest.raises(analysis.TooLarge):
        kept.white_space()
