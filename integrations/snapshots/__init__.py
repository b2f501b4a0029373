"""Snapshots: what an org is configured like, reduced to what delivery depends on."""
