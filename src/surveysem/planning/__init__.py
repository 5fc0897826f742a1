"""Planning: power and sample size of a study before its data exist."""
