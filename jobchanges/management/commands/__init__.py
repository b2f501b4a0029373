"""What `manage.py` can do on this floor."""
