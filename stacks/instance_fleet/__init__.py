"""Composition `instance_fleet`: Auto Scaling groups. Its settings, its workloads and its build."""
