"""Do the numbers add up, and does the org agree? (identity-and-state, Numbers that add up.)

`reconcile` asks the production org for every delivery key it holds, in pages of 2,000, and compares
them with our deliveries and the ledger. It writes nothing, here or there.
"""

from jobchanges.reconcile.service import reconcile
from jobchanges.reconcile.types import ReconcileError, Reconciliation

__all__ = ["ReconcileError", "Reconciliation", "reconcile"]
