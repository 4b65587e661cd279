"""The fixtures are in shared_fixtures.py, which the suites beside this one use too."""

pytest_plugins = ["shared_fixtures"]
LONG = {"test_endurance", "test_valgrind", "test_wait"}


def pytest_collection_modifyitems(items):
    """Spreads the tests that take seconds among the others: pytest-xdist deals tests out by the dozen as they stand, and
    one worker would have all the long ones at the end, while the others are idle."""
    long = [item for item in items if item.path.stem in LONG]
    others = [item for item in items if item.path.stem not in LONG]
    for number, item in enumerate(long):
        others.insert(number * (len(items) // len(long)), item)
    items[:] = others
