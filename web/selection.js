// Part of the documents panel.
