"""The engine: one query in, one whole answer out, from one snapshot, in a process that may be killed."""
