"""Composition `private_service`: container services on Docker Swarm. Its settings, its workloads and its build."""
