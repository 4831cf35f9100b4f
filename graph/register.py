"""The register of organisations: which firm a name means, as a person decided and committed it.

Same name and same domain is not an equivalence (19 names have several domains), so no rule merges firms at build
time: a row of the register does. `label` is the preferred name; the other relations say how a name differs.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from graph.errors import Foreseen
from graph.names import PREFIXES, slug, thing

_PROPERTY_OF_RELATION = {
    "label": "rdfs:label",
    "same": "skos:altLabel",
    "alias": "skos:altLabel",
    "service": "skos:altLabel",
    "former": "skos:altLabel",
    "misspelling": "skos:hiddenLabel",
}


class RegisterError(Foreseen, ValueError):
    """The register contradicts itself, or is not of its form; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: this `name` (with this registrable `domain`, or "") means `organization` (a slug)."""

    name: str
    domain: str
    organization: str
    relation: str
    evidence: str
    line: int


@dataclass
class Register:
    """Names to organisations. `open` registers mint a slug for a name they do not hold and remember it in `minted`."""

    entries: list[Entry]
    open: bool = False
    minted: dict[str, str] = field(default_factory=dict)
    path: Path = Path("register.tsv")

    def __post_init__(self) -> None:
        self._by_key: dict[tuple[str, str], str] = {}
        self._by_name: dict[str, set[str]] = {}
        self._slugs = {entry.organization for entry in self.entries}
        for entry in self.entries:
            key = (entry.name, entry.domain)
            if self._by_key.setdefault(key, entry.organization) != entry.organization:
                raise RegisterError(f"{self.path}, line {entry.line}: {key} means two organisations")
            self._by_name.setdefault(entry.name, set()).add(entry.organization)

    def organization(self, name: str, domain: str = "") -> str:
        """Give the IRI of the organisation that `name` means.

        Looked up as (name, domain), then (name, ""), then by the name alone where it means one organisation.
        Raises LookupError where the register does not decide and may not mint, ValueError for an unusable name.
        """
        found = self._by_key.get((name, domain)) or self._by_key.get((name, ""))
        if found is None:
            candidates = self._by_name.get(name, set())
            if len(candidates) > 1:
                raise LookupError(f"{name!r} means {' or '.join(sorted(candidates))}: add it with {domain!r}")
            found = next(iter(candidates), None) or self._mint(name)
        return thing("organization", found)

    def _mint(self, name: str) -> str:
        if not self.open:
            raise LookupError(f"{name!r} is not in the register of organisations ({self.path.name})")
        minted = slug(name)
        if minted in self._slugs:
            minted += "-unregistered"
        return self.minted.setdefault(name, minted)

    def triples(self, used: Iterable[str]) -> Iterator[tuple[Triple, Entry | None]]:
        """Give the labels of the organisations `used` (IRIs), each with its entry in the register.

        A name minted by an open register is its own label and has no entry.
        """
        wanted = set(used)
        for entry in self.entries:
            iri = thing("organization", entry.organization)
            if iri in wanted:
                prefix, local = _PROPERTY_OF_RELATION[entry.relation].split(":")
                yield Triple(NamedNode(iri), NamedNode(PREFIXES[prefix] + local), Literal(entry.name)), entry
        for name, minted in sorted(self.minted.items()):
            iri = thing("organization", minted)
            if iri in wanted:
                yield Triple(NamedNode(iri), NamedNode(PREFIXES["rdfs"] + "label"), Literal(name)), None


def read_register(path: Path) -> Register:
    """Read a committed register: columns name, domain, organization, relation, evidence.

    Raises RegisterError where a slug has no label or two, a relation is unknown, or a name means two firms.
    """
    entries = []
    with path.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines, dialect="excel-tab"), start=2):
            if row["relation"] not in _PROPERTY_OF_RELATION:
                raise RegisterError(f"{path}, line {line}: relation {row['relation']!r} is not one of "
                                    f"{', '.join(_PROPERTY_OF_RELATION)}")  # fmt: skip
            entries.append(
                Entry(row["name"], row["domain"], row["organization"], row["relation"], row["evidence"], line)
            )
    labels: dict[str, str] = {}
    for entry in entries:
        if entry.relation == "label" and labels.setdefault(entry.organization, entry.name) != entry.name:
            raise RegisterError(f"{path}, line {entry.line}: {entry.organization!r} has a second label")
    missing = sorted({e.organization for e in entries} - labels.keys())
    if missing:
        raise RegisterError(f"{path}: {missing[0]!r} has no row with the relation 'label'")
    return Register(entries, path=path)
