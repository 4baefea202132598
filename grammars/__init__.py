"""The grammar of `.net` files: the form of the text, and nothing of what it means."""
