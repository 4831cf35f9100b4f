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


class Names:
    """Which firms a name may mean: by name and website, and by the name alone where no website says otherwise."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key: dict[tuple[str, str], str] = {}
        self._by_name: dict[str, dict[str, None]] = {}
        self.domains: dict[str, set[str]] = {}
        for entry in entries:
            self.add(entry.name, entry.domain, entry.organization)

    def add(self, name: str, domain: str, firm: str) -> str:
        """Take (`name`, `domain`) for `firm`, unless it is taken already; give the firm that has it."""
        self._by_name.setdefault(name, {}).setdefault(firm)
        self.domains.setdefault(firm, set()).update({domain} - {""})
        return self._by_key.setdefault((name, domain), firm)

    def firms(self, name: str, domain: str) -> list[str]:
        """Give the firms that (`name`, `domain`) may mean.

        A name with a website never means a firm whose websites are others: many firms have one name.
        """
        exact = self._by_key.get((name, domain))
        named = [exact] if exact is not None else sorted(self._by_name.get(name, ()))
        if exact is not None or not domain:
            return named
        own = [firm for firm in named if domain in self.domains[firm]]
        return own or [firm for firm in named if not self.domains[firm]]

    def told(self, name: str) -> str:
        """Give the firms of this name with their websites in words, "" where there is none."""
        named = sorted(self._by_name.get(name, ()))
        return " or ".join(f"{firm} ({', '.join(sorted(self.domains[firm])) or 'no website'})" for firm in named)


@dataclass
class Register:
    """Names to organisations. `open` registers mint a slug for a name they do not hold and remember it in `minted`.

    What an open register learns (the slug of a new firm, the website of a known one) never counts for a closed one.
    """

    entries: list[Entry]
    open: bool = False
    minted: dict[str, str] = field(default_factory=dict)  # by slug, the name
    path: Path = Path("register.tsv")

    def __post_init__(self) -> None:
        self._held, self._learnt = Names(()), Names(self.entries)
        for entry in self.entries:
            if self._held.add(entry.name, entry.domain, entry.organization) != entry.organization:
                key = (entry.name, entry.domain)
                raise RegisterError(f"{self.path}, line {entry.line}: {key} means two organisations")

    def organization(self, name: str, domain: str = "") -> str:
        """Give the IRI of the organisation that `name` means.

        Looked up as (name, domain), then by the name alone where it means one organisation whose website this may be.
        Raises LookupError where the register does not decide and may not mint, ValueError for an unusable name.
        """
        names = self._learnt if self.open else self._held
        found = names.firms(name, domain)
        if len(found) > 1:
            raise LookupError(f"{name!r} means {names.told(name)}: add it with {domain!r}")
        firm = found[0] if found else self._mint(name, domain)
        if self.open:
            names.add(name, domain, firm)
        return thing("organization", firm)

    def _mint(self, name: str, domain: str) -> str:
        if not self.open:
            told = self._held.told(name)
            if told:
                raise LookupError(f"{name!r} means {told}: add it with {domain!r}")
            raise LookupError(f"{name!r} is not in the register of organisations ({self.path.name})")
        plain = slug(name)
        committed = plain in self._held.domains
        for made in (plain, slug(name, domain) if domain else f"{plain}-unregistered" if committed else plain):
            if made not in self._learnt.domains:
                self.minted[made] = name
                return made
        raise LookupError(f"{name!r} cannot be told from {self.minted.get(made, made)!r} by its identifier {made}: "
                          "write it in the same way, or give it a website of its own")  # fmt: skip

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
        for minted, name in sorted(self.minted.items()):
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
