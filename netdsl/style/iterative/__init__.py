"""The iterative method: a picture is fitted to the losses itself, step by step."""
