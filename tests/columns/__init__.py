"""The second engine held against the first."""
