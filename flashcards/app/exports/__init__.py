"""Rows out: cards, study days and reviews as files that other programs read."""
