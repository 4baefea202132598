"""The run itself: its state, its loop, its saving, and tries before it."""
