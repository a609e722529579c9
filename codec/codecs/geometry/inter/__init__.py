"""Codec "inter": multiscale coding that sees the frame before."""
