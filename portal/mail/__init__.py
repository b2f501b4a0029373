"""Every mail that people get, and the demo’s mailbox."""
