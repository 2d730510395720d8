"""Rules and load to a timeline, with AWS's own semantics."""
