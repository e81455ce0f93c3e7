"""The tree of places and the target lists."""
