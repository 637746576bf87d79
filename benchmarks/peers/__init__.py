"""Other systems, each a process of its own that may run in another environment: nothing of Footnote is imported here."""
