"""The report of simulated runs: as a table, as JSON, as Markdown for a pull request, as one HTML page."""
