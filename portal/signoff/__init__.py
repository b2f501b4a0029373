"""Go-live sign-off: what is frozen, who signed it, what voids it, what may be released."""
