"""What Setup shows of an org, made from its configuration at the moment somebody asks."""
