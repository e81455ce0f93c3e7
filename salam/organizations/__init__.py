"""Institutions, centres, hubs, agencies, intermediaries and community groups."""
