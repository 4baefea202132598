"""How a net is computed while it trains: what the network alone decides about layout, copies and memory. No torch."""
