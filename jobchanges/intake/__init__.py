"""Intake over HTTP: the vendor's own engine hands job changes in (product.md, section 8)."""
