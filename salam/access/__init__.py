"""Who may do what where, and who looked at whose contact data."""
