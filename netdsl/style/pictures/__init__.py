"""Pictures that are read, painted by the package itself, laid out in sheets, or made to fit a net."""
