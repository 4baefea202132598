"""The stages of the compiler between text and torch, one file each."""
