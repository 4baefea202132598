"""How a net is trained, without torch: what the lines of a recipe mean, and what they are checked for."""
