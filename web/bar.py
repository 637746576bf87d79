"""What the buttons above the chat ask of the server: past conversations, exports, stopping. Anybody can call these."""

from collections.abc import Callable
from typing import Any

from index.errors import FootnoteError
from web.chat import Chat

_LISTED = 500


def server_calls(chat: Chat, *, shared: bool = False) -> list[Callable[..., Any]]:
    """Functions for the page's script; each gives a JSON object, with ``error`` when it could not be done.

    They are free functions, since gradio writes attributes on them, which methods do not take. Each is given one value, a
    list of what the script sent.

    Args:
        chat: what they are about.
        shared: others can use the page too, and so see all conversations.
    """

    def listed() -> dict[str, Any]:
        every = chat.history.listed()
        where = _where(chat.history.lasting, shared)
        if len(every) > _LISTED:
            where += f" The newest {_LISTED} of {len(every):,} are listed; delete some to see older ones."
        rows = [{"id": one.id, "title": one.title, "changed_at": one.changed_at.isoformat()} for one in every[:_LISTED]]
        return {"where": where, "conversations": rows}

    def conversations(values: object = None) -> dict[str, Any]:
        del values
        return _told(listed)

    def export(values: object = None) -> dict[str, Any]:
        return _told(lambda: {"text": chat.export(*_three(values))})

    def forget(values: object = None) -> dict[str, Any]:
        return _told(lambda: {"deleted": chat.history.delete(_three(values)[0])})

    def stop(values: object = None) -> dict[str, Any]:
        chat.stop(_three(values)[0])
        return {}

    return [conversations, export, forget, stop]


def _where(lasting: bool, shared: bool) -> str:
    """Where conversations are kept, and who can see them."""
    if not shared:
        return (
            "Kept in the folder of your index, on this computer only." if lasting else "Kept until Footnote is stopped."
        )
    kept = "Kept with the index on the computer that runs Footnote." if lasting else "Kept until Footnote is stopped."
    return f"{kept} Everyone who can use this page can read, export and delete these."


def _three(values: object) -> list[object]:
    """The values that the script sent in a list, three of them; whatever else was sent is none."""
    sent = values if isinstance(values, list) else []
    return [*sent, None, None, None][:3]


def _told(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return call()
    except FootnoteError as error:
        return {"error": str(error)}
