"""What people said about answers, kept as data that ``qa eval`` reads.

- :mod:`qa.feedback.entries` what is kept of one piece of feedback
- :mod:`qa.feedback.storage` the file it is kept in
- :mod:`qa.feedback.collecting` from the entries to a data set in SQuAD's form
- :mod:`qa.feedback.places` the folder beside an index
"""

from qa.feedback.collecting import Collected, LeftOut, collect_feedback
from qa.feedback.entries import Entry, Given, Place, ReaderFacts, Verdict
from qa.feedback.places import folder_beside
from qa.feedback.storage import FeedbackStore, Stored

__all__ = [
    "Collected",
    "Entry",
    "FeedbackStore",
    "Given",
    "LeftOut",
    "Place",
    "ReaderFacts",
    "Stored",
    "Verdict",
    "collect_feedback",
    "folder_beside",
]
