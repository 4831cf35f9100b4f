"""Facets: the questions by which the list of a class's members can be narrowed, and the narrowed list.

Each facet is a query of its own beside this module; what they give is kept in the snapshot's `facets.sqlite` as
bitmaps over the members, so that counting takes no scan of the graph.
"""

from graph.facets.definitions import Facet, FacetError, facets, facets_of
from graph.facets.documents import records, statements, table
from graph.facets.index import FILE, beside, write
from graph.facets.selection import Choice, Counted, Row, Selection, rows, select, values
from graph.facets.sparql import query_of

__all__ = [
    "FILE",
    "Choice",
    "Counted",
    "Facet",
    "FacetError",
    "Row",
    "Selection",
    "beside",
    "facets",
    "facets_of",
    "query_of",
    "records",
    "rows",
    "select",
    "statements",
    "table",
    "values",
    "write",
]
