"""The seeded-defect bench: defects put into real series at random, and what the rules say of them."""
