"""From what was asked for to what a run will do: net, recipe, data, weights, all checked."""
