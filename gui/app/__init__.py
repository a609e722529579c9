"""The application: the main window and what starts it."""
