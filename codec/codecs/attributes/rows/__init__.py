"""Coder "rows": the columns of a scan in the order of its file."""
