"""Checks: what an org is asked about itself, one small module each (see `registry`)."""
