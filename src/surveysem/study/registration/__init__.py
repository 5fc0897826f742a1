"""What was planned before data existed, and how an analysis departs from it."""
