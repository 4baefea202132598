"""From text to the syntax tree; shapes and the meaning of names come later."""
