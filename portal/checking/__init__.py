"""What orgs said of themselves, for people: views, gates, when they are asked, waived points."""
