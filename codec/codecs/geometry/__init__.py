"""Geometry codecs."""
