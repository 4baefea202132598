"""netdsl: a declarative language for convolutional networks, checked without torch, compiled to torch."""
