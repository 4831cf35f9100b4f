"""Networks in the formats that other tools read."""

from io import BytesIO

import networkx as nx


def graphml(graph: "nx.Graph[str]") -> bytes:
    """Give `graph` as GraphML (http://graphml.graphdrawing.org/), the same bytes for the same network.

    Each node has `iri`, `label`, `kind` (and `mode`), each edge its `weight`, and the file its title, rule
    and bias, so that plain `networkx.read_graphml` gives back a graph with the published numbers.
    """
    file = BytesIO()
    # Not write_graphml, which writes other bytes where lxml happens to be installed.
    nx.write_graphml_xml(graph, file, named_key_ids=True)
    return file.getvalue()
