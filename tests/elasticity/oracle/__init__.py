"""Arithmetic that nothing at run time uses: the vectors hold it, and what runs is compared with it."""
