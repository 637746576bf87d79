"""An LLM that the user runs may phrase an answer from its cited passages; what it writes is checked sentence by sentence."""
