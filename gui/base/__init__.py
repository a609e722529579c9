"""What every part of the window uses: words, settings, theme, actions."""
