"""What the engine reads in stack files, and how that was found out."""
