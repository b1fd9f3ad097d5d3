"""Template tags and filters of the house."""
