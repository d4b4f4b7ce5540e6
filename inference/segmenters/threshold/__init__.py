"""Fixed threshold: every component of SUV > T of a smallest volume is a lesion."""
