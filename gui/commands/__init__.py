"""What the actions do, by subject; `gui.workbench` has the verbs of opening, compressing and the view."""
