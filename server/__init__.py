"""The service: Flask over one live snapshot, with killable workers for the queries that people write."""
