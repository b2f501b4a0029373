"""Tests, and the tools that run them."""
