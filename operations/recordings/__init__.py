"""Commands on recordings: what is known of a unit, the answers and their schemas, the pictures."""
