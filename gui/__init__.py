"""The Octavox window: a Qt application over the `codec` library."""
