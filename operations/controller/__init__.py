"""A controller that scales Docker Swarm services by their `Elasticity`, as the simulator decides."""
