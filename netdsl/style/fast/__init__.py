"""Nets that paint in one pass: trained for styles, opened again, used at any size."""
