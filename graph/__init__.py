"""From facts to a validated, versioned snapshot, and the answers to questions about it.

This room knows no HTTP: `graph` never imports `server`.
"""
