"""The rehearsal orgs: a local server that speaks Salesforce's API.

An independent double of the platform: it imports nothing of the rest of the project and nothing
imports it, so a mistake in the client cannot be repeated here. See README.md in this folder.
"""
