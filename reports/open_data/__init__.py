"""The open data of a release: what the public may see of it, in formats that other programs read."""
