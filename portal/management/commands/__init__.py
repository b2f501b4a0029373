"""Commands of floor 4: the demo, sign-up links."""
