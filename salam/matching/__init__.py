"""Runs of the engine on what the tables hold, their proposals, and why or why not."""
