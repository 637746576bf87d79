// The script of the documents panel (gradio runs it once, when its tab is first opened, with `element`).
