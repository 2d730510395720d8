"""The versions of a stack, and the way back to one of them."""
