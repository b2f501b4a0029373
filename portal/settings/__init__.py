"""Settings: `base` for every site, `test` for the tests."""
