"""Networks from the columns into arrays: the same networks and values as graph.analysis has from the rows."""

import numpy as np
import pytest
from pyoxigraph import Store, parse

from graph.analysis import arrays, measures, positions
from graph.analysis.networks import describe, project
from graph.columns.build import build
from graph.columns.opened import Columns, opened
from graph.store import in_memory
from tests.benchmarks import synthesize

NETWORKS = ("provider-via-provider", "programme-participation", "partner-product")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Columns]:
    folder = tmp_path_factory.mktemp("arrays")
    synthesize.write(folder / "made.nq", 300, seed=3)
    store = in_memory(parse(path=str(folder / "made.nq")))
    build(store, folder, "union")
    columns = opened(folder, folder / "spill")
    assert columns is not None
    return store, columns


@pytest.mark.parametrize("name", NETWORKS)
def test_both_draw_the_same_network_and_measure_it_alike(name: str, both: tuple[Store, Columns]) -> None:
    store, columns = both
    graph, found = project(store, name), arrays.draw(columns, describe(name))
    assert found.iris == list(graph)
    assert len(found.tails) == graph.number_of_edges() > 0
    for measure in measures.MEASURES:
        if measure.name in arrays.MEASURES and measure.applies(graph):
            values = measure.compute(graph)
            wanted = [values[node] for node in graph]
            tolerance = 1e-6 if measure.name in ("hub", "authority") else 1e-9
            np.testing.assert_allclose(arrays.MEASURES[measure.name](found), wanted, rtol=tolerance, atol=1e-9)


def test_sampled_betweenness_is_the_same_sample(both: tuple[Store, Columns]) -> None:
    store, columns = both
    graph, found = project(store, NETWORKS[1]), arrays.draw(columns, describe(NETWORKS[1]))
    mean, error = arrays.betweenness(found, 50, seed=5)
    wanted = positions.sampled_betweenness(graph, 50, seed=5)
    np.testing.assert_allclose(mean, [value for value, _ in wanted.values()], atol=1e-12)
    np.testing.assert_allclose(error, [spread for _, spread in wanted.values()], atol=1e-12)
    with pytest.raises(ValueError, match="pivots"):
        arrays.betweenness(found, 3)


def test_what_is_folded_is_left_to_the_other_way(both: tuple[Store, Columns]) -> None:
    with pytest.raises(arrays.NotDrawn, match="folded"):
        arrays.draw(both[1], describe("partner-partner"))
