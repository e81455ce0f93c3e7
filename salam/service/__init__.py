"""Offers, assignments, sessions and the hours that came of them."""
