"""Every error that Footnote raises on purpose.

::

    FootnoteError
    ├── InputError             what the caller gave cannot be used
    │   ├── DocumentError      a file cannot become a document (missing, empty, binary, unknown format)
    │   ├── UnknownDocument    no document of the index has that name, or several have
    │   ├── QuestionError      the question is empty or too long
    │   └── DatasetError       an evaluation file is not in a form that can be read
    ├── IndexStateError        the index folder cannot be used as it stands
    │   ├── IndexMissing       there is no index there yet
    │   ├── IndexCorrupt       its files are damaged or do not belong together
    │   ├── EncoderMismatch    it was built with another encoder
    │   └── IndexBusy          another process is writing to it
    ├── ModelError             a model is missing, damaged or not of the expected kind
    ├── PhrasingError          the user's LLM gave nothing that could be checked; the answer stands without it
    └── TooManyQuestions       more are being asked at once than can wait

Messages are one or two plain lines that say what to do next. Only the command line and the web page catch these errors;
everything else lets them pass.
"""


class FootnoteError(Exception):
    """Base of every error raised on purpose; its text is meant to be shown to the user."""


class InputError(FootnoteError):
    """What the caller gave cannot be used."""


class DocumentError(InputError):
    """A file cannot become a document: it is missing, empty, binary or of a format that is not read."""


class UnknownDocument(InputError):
    """No document of the index goes by that name, or more than one does."""


class QuestionError(InputError):
    """The question is empty or too long to be read."""


class DatasetError(InputError):
    """An evaluation file is not in a form that can be read."""


class IndexStateError(FootnoteError):
    """The index folder cannot be used as it stands."""


class IndexMissing(IndexStateError):
    """There is no index in that folder yet."""


class IndexCorrupt(IndexStateError):
    """Files of the index are damaged, missing or do not belong together."""


class EncoderMismatch(IndexStateError):
    """The index was built with another encoder, so its vectors cannot be compared with new ones."""


class IndexBusy(IndexStateError):
    """Another process is writing to the index."""


class ModelError(FootnoteError):
    """A model is missing, damaged or not of the expected kind."""


class PhrasingError(FootnoteError):
    """The user's LLM gave nothing that could be checked; the answer stands without it."""


class TooManyQuestions(FootnoteError):
    """More questions are being asked at once than can wait for their turn."""
