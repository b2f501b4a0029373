"""What a security team wants to know, taken from settings, lists and code that are used."""
