"""The proof that nothing of a customer's was overwritten (product.md, rule 6).

`verdicts.py` judges one field and is pure, `ledger.py` goes through what was written, `now.py`
asks the orgs again, `files.py` writes it down.
"""

from jobchanges.overwriting.files import overwrites_csv, overwrites_json
from jobchanges.overwriting.ledger import overwrites, overwrites_of
from jobchanges.overwriting.now import asked_now
from jobchanges.overwriting.verdicts import Sums, Touched, TouchedField, Verdict

__all__ = [
    "Sums",
    "Touched",
    "TouchedField",
    "Verdict",
    "asked_now",
    "overwrites",
    "overwrites_csv",
    "overwrites_json",
    "overwrites_of",
]
