"""Published figures with their sources; later indicators and facts."""
