"""SPARQL compiled to SQL over the columns: rdflib's algebra in, sqlglot expressions out, DuckDB runs them.

What is not compiled raises NotCompiled with the reason and is answered by the snapshot's other engine, whose answers
are the measure of these.
"""
