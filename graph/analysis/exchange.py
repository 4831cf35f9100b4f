"""Networks in the formats that other tools read; each gives back a graph with the published numbers."""

import csv
import json
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

import networkx as nx

from graph.analysis.networks import TARGET_SIDE
from graph.analysis.summaries import mode_of

# networkx writes today's date into GEXF: the same network would have other bytes tomorrow.
_DATE: Final = re.compile(r' lastmodifieddate="[^"]*"')
_CREATOR: Final = re.compile(r"<creator>[^<]*</creator>")
_COLUMNS: Final = ("source", "target", "weight", "since", "source_label", "target_label", "evidence")


def graphml(graph: "nx.Graph[str]") -> bytes:
    """Give `graph` as GraphML (http://graphml.graphdrawing.org/), the same bytes for the same network.

    Each node has `iri`, `label`, `kind` (and `mode`), each edge its `weight` and `evidence`, and the file its title,
    rule and bias, so that plain `networkx.read_graphml` gives back a graph with the published numbers.
    """
    file = BytesIO()
    # Not write_graphml, which writes other bytes where lxml happens to be installed.
    nx.write_graphml_xml(graph, file, named_key_ids=True)
    return file.getvalue()


def gexf(graph: "nx.Graph[str]") -> bytes:
    """Give `graph` as GEXF 1.2 (https://gexf.net/), with its title, rule and bias as the description."""
    text = "\n".join(nx.generate_gexf(graph, prettyprint=True))
    said = " ".join(str(graph.graph[name]) for name in ("title", "rule", "bias", "warning") if name in graph.graph)
    described = f"<creator>Partnergraph</creator><description>{escape(said)}</description>"
    return _CREATOR.sub(lambda _: described, _DATE.sub("", text)).encode("utf-8")


def node_link(graph: "nx.Graph[str]") -> bytes:
    """Give `graph` as JSON, as `networkx.node_link_graph(data, edges="links")` and D3 read it."""
    return json.dumps(nx.node_link_data(graph, edges="links"), ensure_ascii=False, indent=1).encode("utf-8")


def edge_csv(graph: "nx.Graph[str]") -> bytes:
    """Give the edges of `graph` as CSV (RFC 4180), as `networkx.from_pandas_edgelist(frame, edge_attr=True)` reads it.

    In a two-mode network `source` is of the first side. Every node has an edge, so none is lost.
    """
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for tail, head, data in graph.edges(data=True):
        one, other = (head, tail) if mode_of(graph, tail) == TARGET_SIDE else (tail, head)
        ends = (graph.nodes[end].get("label", end) for end in (one, other))
        since = data.get("since", "")
        writer.writerow((one, other, data.get("weight", 1), since, *ends, data.get("evidence", "")))
    return file.getvalue().encode("utf-8")


class Format(NamedTuple):
    """A format of networks: its name is also the suffix of its files."""

    name: str
    label: str
    media_type: str
    write: Callable[["nx.Graph[str]"], bytes]


FORMATS: Final = (
    Format("graphml", "GraphML", "application/graphml+xml", graphml),
    Format("gexf", "GEXF", "application/gexf+xml", gexf),
    Format("json", "JSON node-link", "application/json", node_link),
    Format("csv", "CSV of edges", "text/csv; charset=utf-8", edge_csv),
)


def exported(graph: "nx.Graph[str]", name: str) -> bytes:
    """Give `graph` in the format called `name`; KeyError where there is none."""
    for form in FORMATS:
        if form.name == name:
            return form.write(graph)
    raise KeyError(name)
