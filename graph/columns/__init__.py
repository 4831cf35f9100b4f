"""Columns: the snapshot's second copy, dictionary-encoded in DuckDB, for scans, joins, aggregation and ordering."""
