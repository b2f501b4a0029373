"""Help in place: each step of the setup explains itself, with click paths in Salesforce Setup.

`topics` names the topics, `texts_*` hold what is delivered, `rendering` makes safe HTML of it,
`selectors` finds what a page shows, `services` keeps what staff wrote instead.
"""
