"""What every part of the window uses: translation, settings, theme, actions, undo."""
