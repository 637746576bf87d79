"""Commands that answer: ask and chat."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.app import AsJson, IndexLocation, ReaderName, app, complain, printable
from qa.cli.claims import citation_line, print_differing, print_items, print_speakers
from qa.cli.phrasing import LlmAddress, LlmModel, LlmTimeout, phrase, phraser_of, print_phrased
from qa.cli.process import become
from qa.phrasing.address import DEFAULT_SECONDS

if TYPE_CHECKING:
    from qa.models import Answer


def _date(text: str | None) -> str | None:
    from index.errors import InputError
    from index.interface import check_date

    try:
        return None if text is None else check_date(text)
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def ask(
    words: Annotated[list[str], typer.Argument(help="What you want to know.", metavar="QUESTION")],
    index: IndexLocation,
    document: Annotated[
        list[str] | None, typer.Option("--document", metavar="DOC", help="Look only here; may be given several times.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="PATTERN", help="Look only in documents from paths like this: '*/news/*'."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", callback=_date, help="Only documents of this date or later: 2020-05-31."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", callback=_date, help="Only documents of this date or earlier: 2021."),
    ] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(
            "--after",
            metavar="EARLIER",
            help="An earlier question that this one follows, asked first; several in their order. "
            'So: qa ask "When?" --after "Who called for a ceasefire?"',
        ),
    ] = None,
    answer_all: Annotated[
        bool, typer.Option("--answer-all", help="Give the best guess even when it is doubtful.")
    ] = False,
    reader: ReaderName = None,
    llm: LlmAddress = None,
    llm_model: LlmModel = None,
    llm_timeout: LlmTimeout = DEFAULT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Ask a question; the answer is cited word for word."""
    from index.interface import Filter
    from qa.assistant import check_question, open_assistant

    # Before anything is loaded, so that a slip costs no wait.
    # Without quotation marks around it, a question comes as words.
    question = " ".join(words)
    for asked in (question, *(after or ())):
        check_question(asked)
    phraser = phraser_of(llm, llm_model, llm_timeout)
    assistant = open_assistant(index, reader)
    within = Filter(
        documents=None if document is None else tuple(assistant.index.resolve(name) for name in document),
        sources=None if source is None else tuple(source),
        since=since,
        until=until,
    )
    if as_json:
        # What it tells of the time that parts of an answer took is not to count the loading.
        assistant.warm_up()
    if after:
        from qa.conversation import Conversation, ConversationalAssistant

        conversation, within_it = Conversation(), ConversationalAssistant(assistant)
        for earlier in after:
            _, conversation = within_it.ask(earlier, conversation, within=within, answer_all=answer_all)
        answer, _ = within_it.ask(question, conversation, within=within, answer_all=answer_all)
    else:
        answer = assistant.ask(question, within=within, answer_all=answer_all)
    if as_json:
        phrased = phrase(phraser, answer)
        typer.echo(answer.model_copy(update={"phrased": phrased}).model_dump_json(indent=2))
        return
    _print_answer(answer, assistant.reader.threshold)
    sys.stdout.flush()  # the answer does not wait for the LLM, not even in a pipe
    phrased = phrase(phraser, answer)
    if phrased is not None:
        print_phrased(phrased)


@app.command()
def chat(
    index: IndexLocation,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is reachable from this machine only.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            help="Further name under which it may be visited, as that of a web server in front; may be given several times.",
            metavar="HOST",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on.", show_default="7860, or the next free one", min=0, max=65535),
    ] = None,
    reader: ReaderName = None,
    examples: Annotated[
        Path | None,
        typer.Option(help="Questions to offer: a SQuAD file, or a text file with one a line.", metavar="FILE"),
    ] = None,
    auth: Annotated[
        Path | None,
        typer.Option(
            help="Ask for a password: a file of lines that qa password prints; or those lines in QA_AUTH.",
            metavar="FILE",
        ),
    ] = None,
    llm: LlmAddress = None,
    llm_model: LlmModel = None,
    llm_timeout: LlmTimeout = DEFAULT_SECONDS,
    browser: Annotated[bool, typer.Option(help="Open it in the browser, where there is a display.")] = True,
) -> None:
    """Open the web page."""
    arguments = ["--index", index, "--host", host]
    if phraser_of(llm, llm_model, llm_timeout) is not None:
        arguments += ["--llm", str(llm), "--llm-model", str(llm_model), "--llm-timeout", str(llm_timeout)]
    for further in () if name is None else name:
        arguments += ["--name", further]
    for option, value in (("--port", port), ("--reader", reader), ("--examples", examples), ("--auth", auth)):
        if value is not None:
            arguments += [option, str(value)]
    if not browser:
        arguments.append("--no-browser")
    become("ui", *arguments)


def _print_answer(answer: "Answer", needed: float) -> None:
    """Print an answer or a refusal; one that is less likely than ``needed`` is called a guess."""
    from rich.console import Console
    from rich.text import Text

    from qa.claims import likelihood

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if answer.standalone_question != " ".join(answer.question.split()):
        console.print(Text(f"Read as: {printable(answer.standalone_question)}", style="dim"))
    if answer.answer is None:
        console.print(Text("No answer.", style="bold"), Text(printable(answer.reason or "")))
        closest = answer.passages[0]
        console.print(Text(f"Closest passage ({closest.document_id}, {closest.start}-{closest.end}):", style="dim"))
        console.print(Text(printable(closest.text)))
        return
    console.print(
        Text(printable(answer.answer), style="bold"), Text(f"(confidence {answer.confidence:.0%})", style="dim")
    )
    likely = likelihood(answer)
    if likely > answer.confidence:
        console.print(
            Text(f"One of these {len(answer.claims)} claims is right (confidence {likely:.0%}).", style="dim")
        )
    if answer.agreement == "differing":
        print_differing(console, answer.claims)
    elif answer.agreement == "list":
        print_items(console, answer.claims)
    else:
        for number, citation in enumerate(answer.citations, start=1):
            console.print(citation_line(number, citation))
        print_speakers(console, answer.claims)
    if answer.alternatives:
        console.print(Text("Other candidates:", style="dim"))
        for other in answer.alternatives:
            place = other.citations[0]
            console.print(
                Text(
                    f"  {printable(other.answer)} ({other.confidence:.0%}; {place.document_id}, {place.start}-{place.end})",
                    style="dim",
                )
            )
    if likely < needed:
        complain(f"This is a guess: {likely:.0%} sure, {needed:.0%} is needed otherwise.")
