"""Rival models that a study declares."""
