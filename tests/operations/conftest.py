"""Fixtures of the commands' tests."""

from tests.operations.processor_time import within_limit as within_limit
