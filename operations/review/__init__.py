"""`accordion review`: what a change does to every stack, as one comment for whoever has to agree to it."""
