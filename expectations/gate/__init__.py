"""The gate between a checked candidate and a published release: states, people, permissions, policies, decisions."""
