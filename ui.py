"""The web page: a chat on the left, the source with the cited words lit on the right.

Layout and wiring only: what is shown is made in :mod:`web`, answers come from :mod:`qa`. Run with ``python -m ui`` or
``qa chat``. This is the only module that imports gradio.
"""

import logging
import os
import shlex
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from fastapi import FastAPI
from starlette.routing import Route

from index import MiniLMEncoder, create_index
from index.errors import FootnoteError
from qa.assistant import open_assistant
from qa.phrasing.address import DEFAULT_SECONDS
from web.api import api_router
from web.assets import CHAT_SCRIPTS, DOCUMENTS_SCRIPTS, EVALUATION_SCRIPTS, STYLES, TOP_SCRIPTS, asset
from web.bar import server_calls
from web.chat import Chat
from web.environment import end_quietly_on_interrupt, has_screen, prepare_environment
from web.escape import html_text
from web.examples import read_examples
from web.history import History, history_of
from web.mcp_http import McpEndpoint
from web.page import Asker, Page, Phraser
from web.passwords import VARIABLE, Accounts, read_accounts
from web.phrasers import phraser_of
from web.programs import Programs
from web.protection import SIGN_OUT, protection
from web.security import is_only_here, warning
from web.selection import COOKIE
from web.serving import make_server, open_socket, url_of

if __name__ == "__main__":
    end_quietly_on_interrupt()
prepare_environment()
import gradio as gr  # noqa: E402 - it reads the environment while it is imported

_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_HEADER = (
    '<div class="brand"><h1>Footnote<sup aria-hidden="true">1</sup></h1>'
    "<p>Answers in the exact words of your articles</p></div>"
)
_SESSIONS = 40
"""Windows whose state gradio keeps; a window of ten turns takes about 0.1 MiB, open or closed. None needs it to go on."""
_WELCOME = "### Ask your articles\nEvery answer is quoted word for word, and its number opens the place it comes from."


def build(page: Page, examples: Sequence[str] = (), *, header: str = _HEADER, shared: bool = False) -> gr.Blocks:
    """Lay the page out and wire it up.

    Args:
        page: what the page does.
        examples: questions to click.
        header: top of the page, as HTML.
        shared: whether others use it too, who then can read, export and delete the same conversations.
    """
    desk = Chat(page)

    def open_source(reference: str) -> str:
        return page.open_source(reference)

    def answer(
        question: str, conversation: str, editing: str, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Show the question at once and empty the box, then the stages, then the answer."""
        visitor = request.cookies.get(COOKIE)
        source = getattr(event.target, "elem_id", None)  # not the very object: gradio copies what a window has changed
        example = event.target.value if isinstance(event.target, gr.Button) else None
        if source == "bar":
            example = getattr(event, "question", None)  # an example of another panel
        if isinstance(example, str):
            views = desk.ask(conversation, example, visitor=visitor)
        elif source == "bar":
            views = desk.again(conversation, event.turn, visitor)
        else:
            views = desk.send(conversation, question, editing, visitor)
        rest: tuple[Any, ...] = ("", "", "" if source == "question" else gr.skip())
        for view in views:
            yield view.messages, view.conversation_id, *rest
            rest = (gr.skip(),) * 3  # the next question may be half typed by now, or an earlier one be changed

    def leave(event: gr.EventData) -> tuple[Any, ...]:
        """Go to another conversation, or begin one."""
        view = desk.open(event.conversation, whole=getattr(event, "whole", False) is True)
        return view.messages, view.conversation_id, "", ""

    def edit(conversation: str, event: gr.EventData) -> tuple[Any, ...]:
        """Put an earlier question, or what it was read as, into the box."""
        editing, note, text = desk.edit(conversation, event.how)
        return editing, note, text

    blocks: gr.Blocks
    with gr.Blocks(title="Footnote", fill_height=True, analytics_enabled=False) as blocks:
        gr.HTML(header, elem_id="top", js_on_load=asset(*TOP_SCRIPTS))
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask"), gr.Row(elem_id="panes"):
                with gr.Column(elem_id="talk"):
                    bar = gr.HTML(
                        asset("bar.html"),
                        elem_id="bar",
                        apply_default_css=False,
                        js_on_load=asset(*CHAT_SCRIPTS),
                        server_functions=server_calls(desk, shared=shared),
                    )
                    chat = gr.Chatbot(
                        elem_id="chat",
                        label="Conversation",
                        show_label=False,
                        placeholder=_WELCOME,
                        latex_delimiters=[],
                        buttons=[],
                        allow_tags=False,
                        allow_file_downloads=False,
                        autoscroll=False,  # chat.js brings the question to the top; the end of a long answer is no beginning
                        height="100%",
                    )
                    with gr.Row(elem_id="examples", visible=bool(examples)):
                        buttons = [gr.Button(question, size="sm", elem_classes="example") for question in examples]
                    if page.phraser is not None and page.phraser.notice is not None:
                        gr.HTML(f"<p>{html_text(page.phraser.notice)}</p>", elem_id="notice", apply_default_css=False)
                    gr.HTML(elem_id="asking", apply_default_css=False, js_on_load=asset("selection.js"))
                    note = gr.HTML(elem_id="editing", apply_default_css=False, js_on_load=None)
                    box = gr.Textbox(
                        elem_id="question",
                        label="Your question",
                        placeholder="Ask a question …",
                        container=False,
                        lines=1,
                        max_lines=5,
                        autofocus=True,
                        submit_btn=True,
                    )
                with gr.Column(elem_id="source"):
                    gr.HTML(
                        elem_id="panel",
                        apply_default_css=False,
                        js_on_load=asset("panel.js"),
                        server_functions=[open_source],
                    )
            with gr.Tab("Documents", id="documents"):
                gr.HTML(elem_id="documents", apply_default_css=False, js_on_load=asset(*DOCUMENTS_SCRIPTS))
            with gr.Tab("Evaluation", id="evaluation"):
                gr.HTML(elem_id="evaluation", apply_default_css=False, js_on_load=asset(*EVALUATION_SCRIPTS))
        # Held by the window, which so keeps its conversation whatever becomes of the server; a gr.State is held by that.
        conversation, editing = (gr.Textbox(label=of, visible="hidden") for of in ("Conversation id", "Being changed"))
        gr.on(
            [box.submit, *(button.click for button in buttons), bar.submit],
            answer,
            inputs=[box, conversation, editing],
            outputs=[chat, conversation, editing, note, box],
            show_progress="hidden",
            concurrency_limit=40,  # the gate decides how many are answered at a time, and says when too many wait
            api_visibility="private",
        )
        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        bar.leave(leave, outputs=[chat, conversation, editing, note], **quick)
        bar.edit(edit, inputs=[conversation], outputs=[editing, note, box], **quick)
    blocks.state_session_capacity = _SESSIONS  # launch() has an argument for it, mounting has not
    return blocks


def make_app(
    page: Page,
    *,
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    examples: Sequence[str] = (),
    accounts: Accounts | None = None,
) -> FastAPI:
    """The page as an ASGI application, with what protects it and what other programs call.

    Args:
        page: what the page does.
        host: address or name it will be reached at.
        names: further names it may be visited under.
        examples: questions to click.
        accounts: who may see it; everyone when ``None``.

    Raises:
        InputError: one of ``names`` is no name of a host.
    """
    app = FastAPI(openapi_url=None, middleware=protection(host, accounts, names))

    @app.head("/health")
    @app.get("/health")
    def health() -> dict[str, str]:
        """Say that the page is up."""
        return {"status": "ok"}

    programs = Programs(page)
    app.include_router(api_router(page, programs))
    app.router.routes.append(Route("/mcp", McpEndpoint(programs)))
    gr.mount_gradio_app(
        app,
        build(
            page,
            examples,
            header=_HEADER if accounts is None else _HEADER + SIGN_OUT,
            shared=accounts is not None or bool(names) or not is_only_here(host),
        ),
        path="",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1mb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        app_kwargs={"openapi_url": None},
        theme=gr.themes.Base(
            primary_hue="indigo", secondary_hue="indigo", neutral_hue="slate", font=_FONTS, font_mono=_MONO_FONTS
        ),
        # Not as css=, which would be added twice, the second time with every selector rewritten.
        head=f"<style>{asset(*STYLES)}</style>",
    )
    return app


def launch(
    open_assistant: Callable[[], Asker],
    *,
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    port: int | None = None,
    examples: Sequence[str] = (),
    browser: bool = True,
    add_command: str = "qa add PATH",
    create_index: Callable[[], object] | None = None,
    accounts: Accounts | None = None,
    history: History | None = None,
    phraser: Phraser | None = None,
) -> None:
    """Serve the page until it is stopped.

    Args:
        open_assistant: gives the assistant; may raise ``IndexMissing``.
        host: address or name to listen on.
        names: further names the page may be visited under.
        port: port to listen on, or ``None`` for the first free one from 7860.
        examples: questions to click.
        browser: open the page in a browser when there is a screen.
        add_command: what to type to add an article, for a page that has none.
        create_index: makes an empty index when the first document is added on the page.
        accounts: who may see it; everyone when ``None``.
        history: where conversations are kept; in memory when ``None``.
        phraser: the user's LLM, if there is one.

    Raises:
        FootnoteError: the port cannot be had, a name is none, or the index cannot be used.
    """
    with open_socket(host, port) as listener:
        page = Page(open_assistant, add_command, create_index, history, phraser)
        page.assistant()  # an index that cannot be used is reported here rather than in the browser
        server = make_server(make_app(page, host=host, names=names, examples=examples, accounts=accounts))
        threading.Thread(target=page.warm_up, name="footnote-warm-up", daemon=True).start()
        url = url_of(listener)
        warned = warning(host, protected=accounts is not None, names=names)
        if warned is not None:
            typer.echo(warned, err=True)
        typer.echo(f"Footnote is ready: {url}  (Ctrl-C stops it)")
        if browser and has_screen():
            webbrowser.open(url)
        server.run(sockets=[listener])


def main(
    index: Annotated[str, typer.Option(help="Folder or address of the index.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Annotated[list[str] | None, typer.Option(help="Further name to be visited under; several times.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [default: 7860 or the next free one].")] = None,
    reader: Annotated[str | None, typer.Option(help="Reader to use instead of the default one.")] = None,
    examples: Annotated[Path | None, typer.Option(help="Questions to click: SQuAD JSON, or one a line.")] = None,
    auth: Annotated[Path | None, typer.Option(help="File of users and hashed passwords.")] = None,
    llm: Annotated[str | None, typer.Option(help="Address of an LLM that phrases answers too.")] = None,
    llm_model: Annotated[str | None, typer.Option(help="Name of the LLM.")] = None,
    llm_timeout: Annotated[float, typer.Option(help="Seconds the LLM may take.")] = DEFAULT_SECONDS,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve the web page."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        questions = [] if examples is None else read_examples(examples)
        launch(
            partial(open_assistant, index, reader),
            host=host,
            names=() if name is None else name,
            port=port,
            examples=questions,
            browser=browser,
            add_command=f"qa add PATH --index {shlex.quote(index)}",
            create_index=lambda: create_index(index, MiniLMEncoder()),
            accounts=read_accounts(auth, os.environ.get(VARIABLE)),
            history=history_of(index),
            phraser=phraser_of(llm, llm_model, llm_timeout),
        )
    except FootnoteError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
