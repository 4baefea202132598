"""Nets that paint in one pass, in one style or many: the thesis's sections 5.4 and 5.5."""
