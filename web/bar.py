"""What the buttons above the chat ask of the server: past conversations, exports, stopping. Anybody can call these."""

from collections.abc import Callable
from typing import Any

from index.errors import FootnoteError
from web.chat import Chat

_LISTED = 500


def server_calls(chat: Chat) -> list[Callable[..., Any]]:
    """Functions for the page's script; each gives a JSON object, with ``error`` when it could not be done.

    They are free functions, since gradio writes attributes on them, which methods do not take.
    """

    def conversations() -> dict[str, Any]:
        return _told(
            lambda: {
                "lasting": chat.history.lasting,
                "conversations": [
                    {"id": one.id, "title": one.title, "changed_at": one.changed_at.isoformat()}
                    for one in chat.history.listed()[:_LISTED]
                ],
            }
        )

    def export(conversation_id: object = None, form: object = None, turn_id: object = None) -> dict[str, Any]:
        return _told(lambda: {"text": chat.export(conversation_id, form, turn_id)})

    def forget(conversation_id: object = None) -> dict[str, Any]:
        return _told(lambda: {"deleted": chat.history.delete(conversation_id)})

    def stop(conversation_id: object = None) -> dict[str, Any]:
        chat.stop(conversation_id)
        return {}

    return [conversations, export, forget, stop]


def _told(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return call()
    except FootnoteError as error:
        return {"error": str(error)}
