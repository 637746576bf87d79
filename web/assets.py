"""The style sheets and scripts of the page: files beside this one, and which of them go together."""

from importlib.resources import files

STYLES = ("page.css", "controls.css", "feedback.css", "evaluation.css", "documents.css")
TOP_SCRIPTS = ("theme.js", "copying.js", "offsets.js", "feedback.js", "feedback_words.js")
CHAT_SCRIPTS = ("chat.js", "next_question.js", "leaving.js")
DOCUMENTS_SCRIPTS = ("parts.js", "documents_parts.js", "documents_add.js", "documents_list.js", "documents.js")
EVALUATION_SCRIPTS = (
    "parts.js",
    "evaluation_parts.js",
    "evaluation_results.js",
    "evaluation_sets.js",
    "evaluation.js",
)


def asset(*names: str) -> str:
    """The text of one file of the page, or of several, one after the other."""
    return "\n".join(files("web").joinpath(name).read_text(encoding="utf-8") for name in names)
