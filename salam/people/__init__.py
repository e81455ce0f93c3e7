"""Persons: skills, availability, credentials, consents; contact data in the vault."""
