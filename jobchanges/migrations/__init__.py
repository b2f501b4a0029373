"""Migrations of the jobchanges app."""
