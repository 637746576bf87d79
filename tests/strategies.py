"""Texts that are hard on offsets: combining marks, emoji sequences, tabs, repeated sentences, all kinds of line ends."""

from hypothesis import strategies as st

PIECES = [
    "The cat sat on the mat.",
    "The cat sat on the mat.",
    "Dr. Smith paid $3.5 million to U.S. forces!",
    "«Où est-il?» demanda Zoe\u0301.",
    "e\u0301o\u0308\u0323",
    "👩‍👩‍👧‍👦 came home 🇦🇿.",
    "👍🏽",
    "नमस्ते दुनिया।",
    "中文句子。",
    "word " * 40 + "end.",
    "x" * 90,
    "a" + "\u0301" * 5,
    "|",
    "\u200b",
]
GAPS = [" ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\n \t\n", "\u00a0", ""]

texts = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(GAPS), st.text(max_size=20)), min_size=1, max_size=25
).map("".join)
"""Any text, of pieces that each broke an offset somewhere once."""
