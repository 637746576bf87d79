"""Follow-up questions: what was asked before fills in what a question leaves out.

::

    assistant = ConversationalAssistant(open_assistant(folder))
    conversation = Conversation()
    answer, conversation = assistant.ask("Who called for a ceasefire?", conversation)
    answer, conversation = assistant.ask("When?", conversation)
    answer.standalone_question   # "When did Russian President Vladimir Putin call for a ceasefire?"

It is put to the reader in several ways, over the documents that the last turns were about, and the answer that most of these
find is taken (:mod:`qa.conversation.ways`, :mod:`qa.conversation.topics`).

**A page** keeps one :class:`Conversation` for each browser session (it is immutable: keep the one that ``ask``
returns) and starts with ``Conversation()``, as does a button that clears the chat. One :class:`ConversationalAssistant`
serves all sessions. Where ``answer.standalone_question`` differs from the question with its white space tidied, the page
shows "Read as: ..." with it in an editable field; when the user sends another text from there, the page drops the turn
(``Conversation(conversation.turns[:-1])``) and asks again with ``read_as=`` that text. What was filled in from which
turn is told by :func:`standalone`, which costs some milliseconds and reads nothing but the turns.
"""

from qa.conversation.assistant import ConversationalAssistant
from qa.conversation.readings import Filling, Standalone
from qa.conversation.standalone import standalone
from qa.conversation.turns import Conversation, Turn

__all__ = ["Conversation", "ConversationalAssistant", "Filling", "Standalone", "Turn", "standalone"]
