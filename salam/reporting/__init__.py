"""Numbers that may be published. Reads only."""
