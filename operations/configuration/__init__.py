"""`accordion config`: the keys of a stack's services, what they were before, and how an older version comes back."""
