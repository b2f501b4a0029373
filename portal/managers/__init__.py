"""The managers' product: Django's own admin, with the portfolio as its home."""
