"""Relationship analysis: networks drawn from the graph, what they measure, who depends on whom, and how two
are tied.

The names below are what the command line, the server and a notebook use; everything is a plain networkx
graph, a list of named tuples (which `pandas.DataFrame` takes as it is), or quads. A new network is a new `.rq` file in
`networks/`, a new measure a new row in `measures.MEASURES`.
"""

from graph.analysis.asked import OF_REPORTS, VALUES, asked
from graph.analysis.check import Checked, check
from graph.analysis.communities import Communities, Group, adjusted_rand, communities, mark
from graph.analysis.correlation import Correlation, correlations
from graph.analysis.dependence import (
    CARRYING,
    ArticulationPoint,
    Bridge,
    Loss,
    Reliance,
    Removal,
    SinglePoints,
    bridges,
    robustness,
    single_points,
    without,
)
from graph.analysis.examined import PARAMETERS, Examined, examine, of_store
from graph.analysis.exchange import FORMATS, exported, graphml
from graph.analysis.figures import caption, chain, curve, picture
from graph.analysis.kept import Entry, Kept, entries, entries_of_several, keep, of_version
from graph.analysis.likeness import (
    DIMENSIONS,
    SUGGESTION,
    Cell,
    Likeness,
    Suggestion,
    Trial,
    similar,
    similar_partners,
    suggestions,
    trial,
    white_space,
)
from graph.analysis.measures import MEASURES, Measure, Row, applicable, definition, measure
from graph.analysis.networks import Network, ProjectionError, describe, documents, names, project
from graph.analysis.nulls import NULL
from graph.analysis.paths import PathLimitError, Step, path, paths
from graph.analysis.publish import quads
from graph.analysis.results import (
    Published,
    PublishedCommunity,
    Standing,
    published_communities,
    published_rows,
    published_structure,
    standings,
)
from graph.analysis.size import TooLarge, is_large
from graph.analysis.structure import CorePeriphery, Nestedness, core_periphery, nestedness, nodf
from graph.analysis.summaries import Component, Summary, components, summary
from graph.analysis.tables import REPORTS, Table, report, reports, tabled
from graph.analysis.whole import Figure, Slice, distribution, figures, of_partners, slices

__all__ = [
    "CARRYING",
    "DIMENSIONS",
    "FORMATS",
    "MEASURES",
    "NULL",
    "OF_REPORTS",
    "PARAMETERS",
    "REPORTS",
    "SUGGESTION",
    "VALUES",
    "ArticulationPoint",
    "Bridge",
    "Cell",
    "Checked",
    "Communities",
    "Component",
    "CorePeriphery",
    "Correlation",
    "Entry",
    "Examined",
    "Figure",
    "Group",
    "Kept",
    "Likeness",
    "Loss",
    "Measure",
    "Nestedness",
    "Network",
    "PathLimitError",
    "ProjectionError",
    "Published",
    "PublishedCommunity",
    "Reliance",
    "Removal",
    "Row",
    "SinglePoints",
    "Slice",
    "Standing",
    "Step",
    "Suggestion",
    "Summary",
    "Table",
    "TooLarge",
    "Trial",
    "adjusted_rand",
    "applicable",
    "asked",
    "bridges",
    "caption",
    "chain",
    "check",
    "communities",
    "components",
    "core_periphery",
    "correlations",
    "curve",
    "definition",
    "describe",
    "distribution",
    "documents",
    "entries",
    "entries_of_several",
    "examine",
    "exported",
    "figures",
    "graphml",
    "is_large",
    "keep",
    "mark",
    "measure",
    "names",
    "nestedness",
    "nodf",
    "of_partners",
    "of_store",
    "of_version",
    "path",
    "paths",
    "picture",
    "project",
    "published_communities",
    "published_rows",
    "published_structure",
    "quads",
    "report",
    "reports",
    "robustness",
    "similar",
    "similar_partners",
    "single_points",
    "slices",
    "standings",
    "suggestions",
    "summary",
    "tabled",
    "trial",
    "white_space",
    "without",
]
