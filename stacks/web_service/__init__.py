"""Composition `web_service`: container services on ECS. Its settings, its workloads and its build."""
