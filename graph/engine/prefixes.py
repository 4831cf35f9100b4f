"""The project's PREFIX lines, written into a query that uses them undeclared: it then runs anywhere as shown."""

from graph.engine.tokens import tokens
from graph.names import PREFIXES


def with_prefixes(text: str) -> str:
    """Give `text` with a PREFIX line for each prefix of the project's table that it uses and does not declare."""
    found = list(tokens(text))
    declared = {found[i + 1].text[:-1] for i, token in enumerate(found[:-1]) if token.is_word("PREFIX")}
    used = {token.text.partition(":")[0] for token in found if token.kind == "name"}
    lines = [f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in sorted(used - declared) if prefix in PREFIXES]
    return "".join(lines) + text
