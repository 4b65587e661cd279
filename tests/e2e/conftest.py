"""The fixtures are in shared_fixtures.py, which the suites beside this one use too."""

pytest_plugins = ["shared_fixtures"]
