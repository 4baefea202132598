"""The folder of a run, and what is drawn and compared of it."""
