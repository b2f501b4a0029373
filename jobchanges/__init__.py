"""Floor 3: what is sent. Job changes, plans, deliveries, test runs, reviews."""
