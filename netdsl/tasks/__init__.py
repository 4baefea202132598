"""Training and evaluation: each task takes a configuration and returns a result."""
