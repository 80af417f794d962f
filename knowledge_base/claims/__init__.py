"""What a sentence claims: its quantities, who it binds, whether it allows or forbids."""
