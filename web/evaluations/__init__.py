"""Evaluations run from the page: data sets that were uploaded, one run at a time in the background, and past runs.

- :mod:`web.evaluations.folders` folders with a description, each there whole or not at all
- :mod:`web.evaluations.questions` data sets: taking uploads, naming their faults
- :mod:`web.evaluations.job` the run that is under way: progress, time left, cancelling
- :mod:`web.evaluations.runs` past runs: scores, plots, worst questions, comparison
- :mod:`web.evaluations.excerpts` the words around gold and given spans
- :mod:`web.evaluations.service` all of it for one page
"""

from web.evaluations.job import Job, JobState
from web.evaluations.questions import FEEDBACK, QuestionSet
from web.evaluations.runs import RunFacts
from web.evaluations.service import Evaluations, RunRequest

__all__ = ["FEEDBACK", "Evaluations", "Job", "JobState", "QuestionSet", "RunFacts", "RunRequest"]
