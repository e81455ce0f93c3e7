"""What all rooms share: errors, events, actors and verbs, dates, text, tables."""
