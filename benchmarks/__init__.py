"""Measured claims: each module is a command that prints a table of ratios from one run. See docs/benchmarks.md."""
