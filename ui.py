"""The web page: a chat on the left, the source with the cited words lit on the right.

Layout and wiring only: what is shown is made in :mod:`web`, answers come from :mod:`qa`. Run with ``python -m ui`` or
``qa chat``. This is the only module that imports gradio.
"""

import logging
import os
import shlex
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from fastapi import FastAPI
from starlette.middleware import Middleware

from index import MiniLMEncoder, create_index
from index.errors import FootnoteError
from qa.assistant import open_assistant
from web import answers
from web.api import api_router
from web.environment import end_quietly_on_interrupt, prepare_environment
from web.examples import read_examples
from web.page import Asker, Page
from web.security import PageGuard, host_names
from web.selection import COOKIE
from web.serving import make_server, open_socket, url_of

if __name__ == "__main__":
    end_quietly_on_interrupt()
prepare_environment()
import gradio as gr  # noqa: E402 - it reads the environment while it is imported

Message = dict[str, Any]

_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_HEADER = (
    '<div class="brand"><h1>Footnote<sup aria-hidden="true">1</sup></h1>'
    "<p>Answers in the exact words of your articles</p></div>"
)
_DOCUMENTS_SCRIPTS = ("documents_parts.js", "documents_add.js", "documents_list.js", "documents.js")
_WELCOME = "### Ask your articles\nEvery answer is quoted word for word, and its number opens the place it comes from."


def build(page: Page, examples: Sequence[str] = ()) -> gr.Blocks:
    """Lay the page out and wire it up.

    Args:
        page: what the page does.
        examples: questions to click.
    """

    def open_source(reference: str) -> str:
        return page.open_source(reference)

    def answer(
        question: str, talk: list[Message], event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, Any]]:
        """Show the question at once and empty the box, then the stages, then the answer."""
        if isinstance(event.target, gr.Button):
            question = str(event.target.value)
        if not question.strip():
            yield gr.skip(), gr.skip()
            return
        talk = [*talk, {"role": "user", "content": answers.question_message(question)}]
        box: Any = gr.skip() if isinstance(event.target, gr.Button) else ""
        for reply in page.reply(question, request.cookies.get(COOKIE)):
            yield [*talk, {"role": "assistant", "content": reply}], box
            box = gr.skip()  # the next question may be half typed by now

    blocks: gr.Blocks
    with gr.Blocks(title="Footnote", fill_height=True, analytics_enabled=False) as blocks:
        gr.HTML(_HEADER, elem_id="top", js_on_load=None)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask"), gr.Row(elem_id="panes"):
                with gr.Column(elem_id="talk"):
                    chat = gr.Chatbot(
                        elem_id="chat",
                        label="Conversation",
                        show_label=False,
                        placeholder=_WELCOME,
                        latex_delimiters=[],
                        buttons=["copy"],
                        allow_tags=False,
                        allow_file_downloads=False,
                        height="100%",
                    )
                    with gr.Row(elem_id="examples", visible=bool(examples)):
                        buttons = [gr.Button(question, size="sm", elem_classes="example") for question in examples]
                    gr.HTML(elem_id="asking", apply_default_css=False, js_on_load=_asset("selection.js"))
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
                        js_on_load=_asset("panel.js"),
                        server_functions=[open_source],
                    )
            with gr.Tab("Documents", id="documents"):
                gr.HTML(elem_id="documents", apply_default_css=False, js_on_load=_assets(*_DOCUMENTS_SCRIPTS))
            with gr.Tab("Evaluation", id="evaluation"):
                gr.HTML(
                    elem_id="evaluation",
                    apply_default_css=False,
                    js_on_load=_assets("evaluation_parts.js", "evaluation.js"),
                )
        gr.on(
            [box.submit, *(button.click for button in buttons)],
            answer,
            inputs=[box, chat],
            outputs=[chat, box],
            show_progress="hidden",
            concurrency_limit=2,
            api_visibility="private",
        )
    return blocks


def make_app(page: Page, *, host: str = "127.0.0.1", examples: Sequence[str] = ()) -> FastAPI:
    """The page as an ASGI application, with its guard and its health route.

    Args:
        page: what the page does.
        host: address or name it will be reached at.
        examples: questions to click.
    """
    app = FastAPI(openapi_url=None, middleware=[Middleware(PageGuard, host_names=host_names(host))])

    @app.get("/health")
    def health() -> dict[str, str]:
        """Say that the page is up."""
        return {"status": "ok"}

    app.include_router(api_router(page))
    gr.mount_gradio_app(
        app,
        build(page, examples),
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
        head=f"<style>{_assets('page.css', 'controls.css', 'feedback.css', 'evaluation.css', 'documents.css')}</style>"
        f'<script type="module">{_assets("offsets.js", "feedback.js")}</script>',
    )
    return app


def launch(
    open_assistant: Callable[[], Asker],
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    examples: Sequence[str] = (),
    browser: bool = True,
    add_command: str = "qa add PATH",
    create_index: Callable[[], object] | None = None,
) -> None:
    """Serve the page until it is stopped.

    Args:
        open_assistant: gives the assistant; may raise ``IndexMissing``.
        host: address or name to listen on.
        port: port to listen on, or ``None`` for the first free one from 7860.
        examples: questions to click.
        browser: open the page in a browser when there is a screen.
        add_command: what to type to add an article, for a page that has none.
        create_index: makes an empty index when the first document is added on the page.

    Raises:
        FootnoteError: the port cannot be had, or the index cannot be used.
    """
    with open_socket(host, port) as listener:
        page = Page(open_assistant, add_command, create_index)
        page.assistant()  # an index that cannot be used is reported here rather than in the browser
        server = make_server(make_app(page, host=host, examples=examples))
        threading.Thread(target=page.warm_up, name="footnote-warm-up", daemon=True).start()
        url = url_of(listener)
        typer.echo(f"Footnote is ready: {url}  (Ctrl-C stops it)")
        if browser and _has_screen():
            webbrowser.open(url)
        server.run(sockets=[listener])


def _asset(name: str) -> str:
    """A style sheet or script of the page."""
    return files("web").joinpath(name).read_text(encoding="utf-8")


def _assets(*names: str) -> str:
    """Several style sheets or scripts as one."""
    return "\n".join(_asset(name) for name in names)


def _has_screen() -> bool:
    """Whether a browser window can be shown; without one, Python would start a text browser in the terminal."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def main(
    index: Annotated[str, typer.Option(help="Folder or address of the index.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port to listen on [default: 7860 or the next free one].")] = None,
    reader: Annotated[str | None, typer.Option(help="Reader to use instead of the default one.")] = None,
    examples: Annotated[Path | None, typer.Option(help="Questions to click: SQuAD JSON, or one a line.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Serve the web page."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        questions = [] if examples is None else read_examples(examples)
        launch(
            partial(open_assistant, index, reader),
            host=host,
            port=port,
            examples=questions,
            browser=browser,
            add_command=f"qa add PATH --index {shlex.quote(index)}",
            create_index=lambda: create_index(index, MiniLMEncoder()),
        )
    except FootnoteError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
