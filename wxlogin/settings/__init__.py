"""The settings: their table, the parsers of their values, and the files they come from."""
