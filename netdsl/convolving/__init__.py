"""A net with fully connected layers as a fully convolutional one: its text, in the language's own rules."""

from netdsl.convolving.text import Convolved, fully_convolutional

__all__ = ["Convolved", "fully_convolutional"]
