"""Exports of survey tools and statistical software, read as tables of raw answers, and written back in their shapes."""
