"""Clouds, and what is done to them before coding."""
