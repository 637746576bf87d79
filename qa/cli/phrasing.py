"""Options for an LLM of the user's own, and how its answers are printed."""

from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.app import complain, printable
from qa.phrasing.address import EXAMPLES, KEY_VARIABLE

if TYPE_CHECKING:
    from qa.models import Answer
    from qa.phrasing.models import Phrased
    from qa.phrasing.phraser import Phraser

LlmAddress = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="URL",
        help=f"Let an LLM of yours phrase the answer too, at any OpenAI-compatible address. On this machine: {EXAMPLES}. "
        "Anywhere else the cited passages leave this machine; that needs https, except in a private network. "
        f"A key is read from the environment variable {KEY_VARIABLE}.",
    ),
]
LlmModel = Annotated[
    str | None, typer.Option("--llm-model", metavar="NAME", help="Name of the LLM, as its server knows it.")
]
LlmTimeout = Annotated[
    float,
    typer.Option(
        "--llm-timeout", metavar="SECONDS", help="How long the LLM may take; the answer itself never waits for it."
    ),
]


def phraser_of(address: str | None, model: str | None, seconds: float) -> "Phraser | None":
    """The phraser that the options ask for, or ``None``; what leaves the machine is said on standard error.

    Raises:
        BadParameter: the options do not make one.
    """
    if address is None and model is None:
        return None
    if address is None:
        raise typer.BadParameter("--llm-model needs --llm URL, the address of the LLM.")
    if model is None:
        raise typer.BadParameter("--llm needs --llm-model NAME, the name that its server knows the LLM by.")
    from index.errors import InputError
    from qa.phrasing.phraser import open_phraser

    try:
        phraser = open_phraser(address, model, seconds)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    if phraser.notice is not None:
        complain(phraser.notice)
    return phraser


def phrase(phraser: "Phraser | None", answer: "Answer") -> "Phrased | None":
    """``answer`` phrased, or ``None``: without a phraser, with nothing to phrase, and on failure.

    A failure is one line on standard error, and no reason for an exit status: the answer stands.
    """
    if phraser is None:
        return None
    from index.errors import PhrasingError

    try:
        return phraser.phrase(answer)
    except PhrasingError as error:
        complain(f"Not phrased: {error}")
        return None


def print_phrased(phrased: "Phrased") -> None:
    """The sentences with their numbers, struck ones as struck with the reason, and what the numbers stand for."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print()
    console.print(Text(f"Phrased by {printable(phrased.model)}, checked against the citations:", style="dim"))
    for sentence in phrased.sentences:
        marks = "".join(f" [{number}]" for number in sentence.citations)
        words = f"{printable(sentence.text)}{marks}"
        if sentence.struck:
            # In words too: not every terminal strikes text through, and none does in a file.
            console.print(Text.assemble("  ", (words, "strike dim"), (f"  (struck: {sentence.reason})", "dim")))
        else:
            console.print(Text(f"  {words}"))
    if not phrased.kept:
        console.print(Text("Nothing it wrote passed the checks. The answer above stands.", style="dim"))
    used = {number for sentence in phrased.kept for number in sentence.citations}
    for source in phrased.sources:
        if source.number in used:
            page = "" if source.page is None else f", page {source.page}"
            place = f"({printable(source.title)}{page}; {source.document_id}, {source.start}-{source.end})"
            console.print(Text(f"  [{source.number}] {printable(source.text)}  {place}", style="dim"))
