"""Floor 1: who. People, customers, memberships, sign-up links, the event log, access rules."""
