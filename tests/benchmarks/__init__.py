"""Benchmarks of the running service: what attackers do to it, how fast it answers, and what killing it costs."""
