"""Evidence across studies."""
