"""The six kinds of the seed guide, one module each: what is taken, and how two are compared."""
