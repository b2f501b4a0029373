"""Reading files of job changes: tolerant about form, strict about meaning."""
