"""Frames of a sequence that are coded with the frame before: what a decoder has of it, and the stages that use it."""
