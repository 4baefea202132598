"""How a net is computed while it trains or infers: what it alone decides about layout, copies and memory. No torch."""
