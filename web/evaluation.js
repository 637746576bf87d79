// The script of the evaluation panel (gradio runs it once, when its tab is first opened, with `element`).
