"""How anybody verifies a record without us."""

HOW_TO_VERIFY = (
    "Save this file as record.json and run the command with any Python 3. It writes the object "
    "“signed” as canonical JSON (keys sorted, no spaces, UTF-8), takes its SHA-256, and compares "
    "it with “signed_hash” and with the hash that each signature carries. Each signature without "
    "its field “signature_hash”, hashed in the same way, gives that field; it stands in the event "
    "log of the customer (“events”), whose entries are chained by their hashes. The command "
    "prints True when everything agrees."
)

COMMAND = (
    'python3 -c "'
    "import json, hashlib; "
    "r = json.load(open('record.json', encoding='utf-8')); "
    "h = lambda v: hashlib.sha256(json.dumps(v, sort_keys=True, separators=(',', ':'), "
    "ensure_ascii=False).encode()).hexdigest(); "
    "print(h(r['signed']) == r['signed_hash'] and all("
    "s['signed_hash'] == r['signed_hash'] and s['signature_hash'] == "
    "h({k: v for k, v in s.items() if k != 'signature_hash'}) for s in r['signatures']))"
    '"'
)
