"""Clouds that stay on disk: any of their points are read alone, found by place or from all over the file."""
