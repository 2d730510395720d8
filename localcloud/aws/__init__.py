"""AWS on this machine: moto behind a journal, its gaps filled, and a row for each resource type."""
