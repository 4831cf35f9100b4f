"""What goes wrong on purpose: errors whose cause is known, with what to say of them and how to end.

Foreseen
├── SourceError, RegisterError, MappingError, RuleError   a table, the register, a mapping or a rule is no good
├── BuildError                                            the data breaks its shapes, or rows could not be mapped
├── LoadError                                             a file is no RDF
├── SnapshotError                                         the data directory cannot be read or written as asked
├── ValidationFailed                                      pySHACL itself failed
├── NotSerialisable                                       a format cannot express the data
├── ProjectionError                                       the data does not fit a network's projection
├── Overfull                                              a document is larger than allowed
├── PathLimitError                                        a path search read as much as it may
├── Refused                                               a query asks for what is not done here
└── EngineError                                           a question got no answer (see graph/engine/question.py)
"""


class Foreseen(Exception):
    """The root: `lines()` are for a person on a terminal, `exit_code` is the command line's."""

    exit_code = 3

    def lines(self) -> list[str]:
        """Give the error in one line, or with more lines that help to mend it."""
        return [f"Error: {self}"]
