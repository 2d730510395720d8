"""The inner loop, in the subset of Python that numba compiles: one source, run as it is or compiled."""
