"""Floor 2: Salesforce. Connections, sign-in providers, the client, the rehearsal orgs."""
