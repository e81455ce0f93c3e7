"""Headquarters' screens: where there is capacity and need, and what becomes of a matching run."""
