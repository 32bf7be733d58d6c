"""Prepared frames: what each suite looks at, made by plain functions before any expectation runs."""
