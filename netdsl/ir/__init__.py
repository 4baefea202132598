"""The laid-out net: nodes in order, with shapes, and what was found out about them."""
