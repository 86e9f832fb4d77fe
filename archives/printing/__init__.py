"""Printed matter: PDF made on the server from templates (AY-F01 to AY-F19, AY-N1 to AY-N4)."""
