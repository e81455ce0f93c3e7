"""Accounts and transfers of hours: double entries that nobody can alter."""
