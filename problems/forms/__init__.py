"""What is filled in about problems."""
