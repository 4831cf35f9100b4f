"""The W3C's SPARQL 1.0 and 1.1 tests, sent to the service over HTTP: what `tests/test_w3c.py` and the report run."""
