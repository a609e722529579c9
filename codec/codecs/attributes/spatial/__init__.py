"""The coder of integer attributes with spatial meaning, such as colours; docs/attribute-coding.md."""
