"""What a volunteer sees: registering, one's own page, offers, sessions, hours, one's own data."""
