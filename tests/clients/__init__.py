"""The clients that people use, unchanged, against a real server."""
