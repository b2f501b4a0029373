"""Claim → ask → plan → write → read back → record, in groups (design: write-protocol)."""
