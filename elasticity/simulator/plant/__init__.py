"""What the autoscaler acts on, simulated: units that start, serve and drain, instances below them; the run of both."""
