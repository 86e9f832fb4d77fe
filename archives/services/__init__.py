"""Writes of the record. Every function takes `actor`, checks first, and is one transaction."""
