"""Bundles from which a result can be made again, and the check that it comes out the same."""
