"""Painting with nets: losses of a loss network, pictures fitted to them, nets trained for styles."""
