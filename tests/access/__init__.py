"""Who may open which address: a table over every URL of the site and of the admin."""
