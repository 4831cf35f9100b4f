"""The queries that give the published results of a network, files in `asked/`: what a page links its numbers to."""

from importlib.resources import files
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.analysis.networks import Network
from graph.bound import bound
from graph.names import thing

VALUES: Final = "values"
# The query behind each report; those of a report that is not in the graph (nothing of it is a result) have none.
OF_REPORTS: Final = {
    "whole": "figures",
    "structure": "figures",
    "communities": "communities",
    "correlation": "correlation",
    "robustness": "robustness",
    "slices": "slices",
}


def asked(network: Network, name: str, metric: str = "") -> str:
    """Give the query called `name` on `network` (and on a metric: `values`) as text that anybody can run.

    FileNotFoundError where there is no such query.
    """
    text = (files("graph.analysis") / "asked" / f"{name}.rq").read_text(encoding="utf-8")
    bindings: dict[str, NamedNode | Literal] = {"network": NamedNode(network.iri)}
    if metric:
        bindings["metric"] = NamedNode(thing("metric", metric))
    return bound(text, bindings)
