"""Tracking reports: lists of people, chosen by the customer, read in production only (rule 5)."""
