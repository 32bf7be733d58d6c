"""Plan documents: their tables, the proofs on them, what differs between two, and how one is imported."""
