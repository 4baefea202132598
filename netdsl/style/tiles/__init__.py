"""Pictures larger than memory through a net that paints in one pass: tile by tile, with the whole picture's norms."""
