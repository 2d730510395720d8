"""Measurements: each module prints tables; `make bench` puts them into docs/performance.md."""
