"""Question in, cited answer out: reader, assistant, evaluation and command line."""
