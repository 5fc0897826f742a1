"""Works the package rests on, citable by key."""

from surveysem.references.citing import REFERENCES, bibliography_entry, cite
from surveysem.references.reference import Reference

__all__ = ["REFERENCES", "Reference", "bibliography_entry", "cite"]
