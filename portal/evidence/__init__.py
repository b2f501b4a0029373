"""The evidence pack: what both parties keep as proof, as JSON and as PDF (product.md, 7)."""
