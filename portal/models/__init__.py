"""What people said about steps: confirmations and waivers."""

from portal.models.confirmations import Confirmation, Waiver

__all__ = ["Confirmation", "Waiver"]
