"""What was recorded of a service or group: a format, a replay beside the simulation, and what a recording tells of the
parameters.

Only `fit` needs scipy, of the extra `fit`, and imports it when it is called.
"""
