"""Resolution: which organisation a new name may mean. A rule proposes; the committed register decides.

The rule is deterministic and careful: the same normalised name *and* the same registrable domain (or none to compare)
is one organisation; only one of the two makes a candidate, and so does a name that is merely alike (rapidfuzz).
Candidates are for a person to look at. Nothing here runs in a build.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz, process

from graph.inputs import Facts
from graph.mapping import map_rows
from graph.names import slug, thing
from graph.register import Names, Register

ALIKE = 90.0  # of 100; below it, names that share a generic word crowd out the misspellings
_CANDIDATES = 3
_LEGAL = frozenset(
    "inc incorporated llc llp lp ltd limited corp corporation co company plc ag gmbh kg se sa sas sarl srl spa bv nv "
    "ab as oy pty pte pvt private the".split()
)
_DOTTED = re.compile(r"\b(?:\w\.){2,}\w?")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A name as a source writes it, with the registrable domain beside it (or "") and the slug of the source."""

    name: str
    domain: str
    source: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row for the register, as the rule proposes it; `candidates` are firms that a person should compare with."""

    name: str
    domain: str
    organization: str
    relation: str
    evidence: str
    candidates: tuple[str, ...] = ()


@lru_cache(maxsize=65536)
def normalised(name: str) -> str:
    """Give `name` transliterated, in lower case, without legal form, spaces and punctuation; "" where nothing is left.

    A name that consists of legal forms alone keeps them.
    """
    text = _DOTTED.sub(lambda found: found[0].replace(".", ""), anyascii(name).lower().replace("'", ""))
    words = [word for word in _NOT_WORD.split(text) if word]
    return "".join([word for word in words if word not in _LEGAL] or words)


def names_in(facts: Facts) -> Iterator[Named]:
    """Give every name by which a source of `facts` looks an organisation up, in the order of sources and rows, once."""
    committed = facts.register()
    for source, _ in facts.sources():
        recorder = _Recorder(committed)
        for _row in map_rows(source, recorder):
            pass
        yield from (Named(name, domain, source.slug) for name, domain in recorder.asked)


class _Recorder(Register):
    """A register that remembers what it was asked for, instead of deciding."""

    def __init__(self, committed: Register) -> None:
        super().__init__(committed.entries, path=committed.path)
        self.asked: dict[tuple[str, str], None] = {}

    def organization(self, name: str, domain: str = "") -> str:
        """Remember the question; the answer is any identifier, since nobody reads what the mapping says."""
        self.asked.setdefault((name, domain))
        return thing("organization", name)


class _Known:
    """The organisations known so far, as the register looks them up and by normalised name."""

    def __init__(self, register: Register) -> None:
        self.names: defaultdict[str, set[str]] = defaultdict(set)
        self.exact = Names(())
        for entry in register.entries:
            self.add(entry.name, entry.domain, entry.organization)

    @property
    def domains(self) -> dict[str, set[str]]:
        """The websites of each organisation."""
        return self.exact.domains

    def add(self, name: str, domain: str, organization: str) -> None:
        self.names[normalised(name)].add(organization)
        self.exact.add(name, domain, organization)

    def settles(self, named: Named) -> bool:
        """Whether a closed register answers: the name is in it, and means one firm whose website this may be."""
        return len(self.exact.firms(named.name, named.domain)) == 1

    def agrees(self, organization: str, domain: str) -> bool:
        known = self.domains[organization]
        return not domain or not known or domain in known

    def candidates(self, named: Named) -> tuple[str, ...]:
        """Give organisations with the same name, the same domain or a name alike, and why, the surest first."""
        same = "same name, another website" if named.domain else "same name"
        found = dict.fromkeys(sorted(self.names.get(normalised(named.name), ())), same)
        for firm, domains in self.domains.items():
            if named.domain in domains:
                found.setdefault(firm, "same website")
        alike = process.extract(
            normalised(named.name), self.names.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=_CANDIDATES
        )
        for other, score, _ in alike:
            for firm in sorted(self.names[other]):
                found.setdefault(firm, f"alike, {score:.0f} of 100")
        return tuple(f"{firm} ({why})" for firm, why in found.items())


def propose(names: Iterable[Named], register: Register) -> list[Proposal]:
    """Propose a row of the register for each of `names` that it does not settle, in the order of `names`.

    A slug once taken is never proposed for another firm: the domain joins it. Where a proposed firm has a name that
    the register settled before, a last row says that the name alone still means the firm that it meant.
    """
    known = _Known(register)
    sources: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for named in names:
        sources[named.name, named.domain].setdefault(named.source)
    proposals = []
    settled: list[tuple[Named, str]] = []
    for (name, domain), where in sources.items():
        named = Named(name, domain, ", ".join(where))
        if known.settles(named):
            settled.append((named, known.exact.firms(name, domain)[0]))
            continue
        proposal = _propose(named, known)
        known.add(name, domain, proposal.organization)
        proposals.append(proposal)
    for named, firm in settled:
        if not known.settles(named):
            evidence = f"the firm that the name meant before another had it; named in {named.source}"
            proposals.append(Proposal(named.name, named.domain, firm, "same", evidence, known.candidates(named)))
    return proposals


def _propose(named: Named, known: _Known) -> Proposal:
    several = known.exact.firms(named.name, named.domain)
    if several:
        # A third firm of the name would be the one reading that nobody can mean: a person picks among those there are.
        evidence = f"several firms have this name; named in {named.source}"
        return Proposal(named.name, named.domain, several[0], "same", evidence, known.candidates(named))
    same = {firm for firm in known.names.get(normalised(named.name), ()) if known.agrees(firm, named.domain)}
    if len(same) == 1:
        (firm,) = same
        both = named.domain and named.domain in known.domains[firm]
        evidence = "same name but for its form; " + ("same website" if both else "no website to compare")
        return Proposal(named.name, named.domain, firm, "same", evidence)
    taken = known.domains.keys()
    made = slug(named.name)
    if made in taken:
        made = slug(named.name, named.domain or named.source)
    return Proposal(
        named.name, named.domain, made, "label", f"named in {named.source}", known.candidates(named)
    )
