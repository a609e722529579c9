"""The 3D views: what they draw, and how."""
