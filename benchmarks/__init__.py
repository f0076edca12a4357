"""Reproducible measurements of the service, never part of the tests' verdict."""
