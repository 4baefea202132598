"""Torch modules that torch.nn lacks; each importable from the file of its family."""
