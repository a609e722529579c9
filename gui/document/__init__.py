"""State and rules of the window, free of Qt and VTK: everything here runs and is tested without a display."""
