"""What a stack costs a month: its units by rules and loads, what stands around them, and the change of both."""
