"""Options that several commands of ``python -m qa.training`` share."""

from pathlib import Path
from typing import Annotated

import typer

Prepared = Annotated[Path, typer.Option(help="Folder that the prepare step wrote.")]
Tokens = Annotated[Path | None, typer.Option(help="tokenizer.json; default: that of all-MiniLM-L6-v2.")]
Run = Annotated[Path, typer.Option(help="Folder of the run: checkpoints, log, settings.")]
Misled = Annotated[float | None, typer.Option(min=0, max=1, help="Share of questions changed to mislead.")]
Besides = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of questions asked for another answer than the masked one.")
]
Crop = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of texts cut to some sentences around the answer.")
]
Rivals = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of passages that are told apart from others at once.")
]
Dev = Annotated[list[Path] | None, typer.Option(help="Question files to measure now and then; repeatable.")]
Dropout = Annotated[
    float | None, typer.Option(min=0, max=0.9, help="Share of numbers between the layers that become 0.")
]
Seed = Annotated[int | None, typer.Option(help="Seed of data order and augmentation.")]
Threads = Annotated[int, typer.Option(min=1, help="Processor threads.")]
Weight = Annotated[
    list[str] | None,
    typer.Option(metavar="SOURCE=NUMBER", help="How often a source's questions are drawn per epoch; repeatable."),
]
