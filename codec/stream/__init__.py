"""Streams: the container and its sections."""
