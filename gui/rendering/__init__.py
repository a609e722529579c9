"""The views: what they draw and how."""
