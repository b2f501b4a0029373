"""The demo: everything on one machine, started by one command."""
