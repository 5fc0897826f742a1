"""Quality of measurement: what is checked, and below what nothing is judged."""
