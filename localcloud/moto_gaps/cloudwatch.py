"""Gaps."""
