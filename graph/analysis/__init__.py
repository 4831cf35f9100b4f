"""Relationship analysis: networks drawn from the graph, what they measure, who depends on whom, and how two
are tied.

The names below are what the command line, the server and a notebook use; everything is a plain networkx
graph, a list of named tuples, or quads. A new network is a new `.rq` file in `networks/`, a new measure a new
row in `measures.MEASURES`.
"""

from graph.analysis.dependence import ArticulationPoint, Reliance, SinglePoints, single_points
from graph.analysis.exchange import graphml
from graph.analysis.measures import MEASURES, Measure, Row, applicable, definition, measure
from graph.analysis.networks import Network, describe, names, project
from graph.analysis.paths import PathLimitError, Step, path
from graph.analysis.publish import quads
from graph.analysis.summaries import Component, Summary, components, summary

__all__ = [
    "MEASURES",
    "ArticulationPoint",
    "Component",
    "Measure",
    "Network",
    "PathLimitError",
    "Reliance",
    "Row",
    "SinglePoints",
    "Step",
    "Summary",
    "applicable",
    "components",
    "definition",
    "describe",
    "graphml",
    "measure",
    "names",
    "path",
    "project",
    "quads",
    "single_points",
    "summary",
]
