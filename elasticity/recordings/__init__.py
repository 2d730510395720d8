"""What was recorded of a service or group: a format, and a replay beside the simulation."""
