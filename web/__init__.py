"""What stands behind the web page ``ui.py``: rendering, style sheet, script, security and serving.

Nothing here imports gradio, so all of it can be tested without a browser:

- :mod:`web.environment` settings that must be made before gradio is imported
- :mod:`web.escape` makes foreign text inert, in HTML and in the chat's Markdown
- :mod:`web.references` the links from a citation to its source
- :mod:`web.chat` the chat: asking, editing, stopping; with :mod:`web.messages` (a conversation as messages), :mod:`web.answers`
  (an answer as one), :mod:`web.asking` (in the background, in stages), :mod:`web.bar` (the buttons above it)
- :mod:`web.history` conversations that are kept (:mod:`web.conversations` reads them), and :mod:`web.exporting` them as
  Markdown, HTML and JSON
- :mod:`web.source` a document with its cited span lit, for the source panel; :mod:`web.pdf_pages` pages of PDFs with boxes
- :mod:`web.examples` example questions
- :mod:`web.library` the documents of the index: what the documents panel does, with :mod:`web.uploads` (files on their way
  in), :mod:`web.incoming` (their folders), :mod:`web.file_names` (made safe), :mod:`web.shelf` (where they are kept),
  :mod:`web.adding` and :mod:`web.jobs` (indexing in the background), :mod:`web.removals` (with undo), :mod:`web.listing`
  and :mod:`web.selection` (what is asked)
- :mod:`web.feedback` what people say about answers, with ``feedback.js``, ``feedback_words.js`` and ``offsets.js``
- :mod:`web.evaluations` evaluations run from the page, with ``evaluation.js`` and its parts
- :mod:`web.protection` what stands in front of the page: :mod:`web.security` (headers, Host and Origin), :mod:`web.auth` (the
  password, with :mod:`web.login`, :mod:`web.passwords` and :mod:`web.sessions`) and :mod:`web.limits` (bytes of a request)
- :mod:`web.gate` the bounded queue of questions
- :mod:`web.programs` what other programs can do, over ``/api`` (:mod:`web.api`) and as tools of language models
  (:mod:`web.mcp_tools`, over HTTP and standard input)
- :mod:`web.serving` the socket and the server
- ``page.css``, ``controls.css``, ``bar.html``, ``chat.js``, ``next_question.js``, ``panel.js``, ``theme.js`` and
  ``copying.js`` what the browser runs
"""
