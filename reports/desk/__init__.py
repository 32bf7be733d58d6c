"""What the pages of those who review and sign are made of: facts of candidates, findings, decisions and releases."""
