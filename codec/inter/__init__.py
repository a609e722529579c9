"""Frames that are coded with the frame before: what a decoder has of that, and the stages that use it."""
