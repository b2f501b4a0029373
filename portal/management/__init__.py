"""Commands of floor 4."""
