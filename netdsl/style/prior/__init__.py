"""The deep image prior: one picture restored by a net that is fitted to it alone."""
