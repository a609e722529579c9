"""The codecs, by name and id."""
