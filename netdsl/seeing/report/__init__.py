"""`netdsl report`: a run as one page that a browser opens without a network."""
