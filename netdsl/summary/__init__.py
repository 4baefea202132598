"""What is shown of a network: rows, folded where they repeat, totals, shares and memory. No torch."""
