"""Production against the tested sandbox: asked, compared, set aside, and as pages show it."""
