"""Shared by all tests: quiet and repeatable property tests, and a browser."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.chromium import browser

__all__ = ["browser"]

# Shared machines are slow at times; a deadline in milliseconds would make tests fail for no reason of theirs.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("suite")
