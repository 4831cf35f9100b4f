"""The one table of formats: media types, suffixes, and the engine's writer for each."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True, slots=True)
class Format:
    """A format: `name` as `--format` and `format=` take it, and which of graph, dataset or solutions it can hold."""

    name: str
    media_type: str
    suffix: str
    label: str
    rdf: RdfFormat | None = None
    results: QueryResultsFormat | None = None
    quads: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header's value: text formats say their charset."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


TURTLE: Final = Format("turtle", "text/turtle", ".ttl", "Turtle", rdf=RdfFormat.TURTLE)
NTRIPLES: Final = Format("ntriples", "application/n-triples", ".nt", "N-Triples", rdf=RdfFormat.N_TRIPLES)
JSONLD: Final = Format("jsonld", "application/ld+json", ".jsonld", "JSON-LD", rdf=RdfFormat.JSON_LD, quads=True)
RDFXML: Final = Format("rdfxml", "application/rdf+xml", ".rdf", "RDF/XML", rdf=RdfFormat.RDF_XML)
TRIG: Final = Format("trig", "application/trig", ".trig", "TriG", rdf=RdfFormat.TRIG, quads=True)
NQUADS: Final = Format("nquads", "application/n-quads", ".nq", "N-Quads", rdf=RdfFormat.N_QUADS, quads=True)

JSON: Final = Format(
    "json", "application/sparql-results+json", ".srj", "JSON", results=QueryResultsFormat.JSON
)
XML: Final = Format("xml", "application/sparql-results+xml", ".srx", "XML", results=QueryResultsFormat.XML)
CSV: Final = Format("csv", "text/csv", ".csv", "CSV", results=QueryResultsFormat.CSV)
TSV: Final = Format("tsv", "text/tab-separated-values", ".tsv", "TSV", results=QueryResultsFormat.TSV)
# Tables and records of pages, which hold neither statements nor solutions.
SHEET: Final = Format("csv", "text/csv", ".csv", "CSV")
RECORDS: Final = Format("json", "application/json", ".json", "JSON")
TABLE_FORMATS: Final = (RECORDS, SHEET)  # of a table of the project's own

GRAPH_FORMATS: Final = (TURTLE, NTRIPLES, JSONLD, RDFXML, TRIG, NQUADS)
SOLUTION_FORMATS: Final = (JSON, XML, CSV, TSV)
BOOLEAN_FORMATS: Final = (JSON, XML)
FORMATS: Final = (*GRAPH_FORMATS, *SOLUTION_FORMATS)

# Names and media types that clients send for the same formats.
_ALIASES: Final = {
    "application/json": JSON,
    "text/json": JSON,
    "application/xml": XML,
    "application/x-turtle": TURTLE,
    "text/plain": NTRIPLES,
    "ttl": TURTLE,
    "nt": NTRIPLES,
    "n3": TURTLE,
    "json-ld": JSONLD,
    "rdf": RDFXML,
    "rdf+xml": RDFXML,
    "nq": NQUADS,
}


def by_name(name: str) -> Format:
    """Give the format called `name` (its name, suffix, media type or a usual alias).

    Raises KeyError where there is none.
    """
    wanted = name.strip().lower()
    for row in FORMATS:
        if wanted in (row.name, row.suffix, row.suffix[1:], row.media_type):
            return row
    return _ALIASES[wanted]
