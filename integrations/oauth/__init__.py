"""Signing up with Salesforce: the allauth providers for sandbox and production."""
