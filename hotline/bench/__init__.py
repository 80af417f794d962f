"""Benchmarks of the call distributor, beside Asterisk's own queue: ``hotline bench``."""
