"""Sections of the report: what is said, in order, without a word about its format."""
