"""Salam: connects what people can give to what neighbourhoods need, and counts what came of it."""
