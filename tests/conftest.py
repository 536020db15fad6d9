"""Shared by all tests: quiet and repeatable property tests, and an order in which browsers disturb nobody."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# Shared machines are slow at times; a deadline in milliseconds would make tests fail for no reason of theirs.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with a browser last.

    Playwright's synchronous side keeps an event loop running in its process until that process ends; asynchronous
    tests after it could not start one of their own.
    """
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
