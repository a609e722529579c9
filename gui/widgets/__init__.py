"""Widgets: each shows one part of the session and reports what the user did with it."""
