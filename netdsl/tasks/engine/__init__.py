"""Where a run computes: the device, the precision, the memory, other processes."""
