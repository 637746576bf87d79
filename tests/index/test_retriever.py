"""Fusing two rankings."""

import numpy as np
import pytest

from index.retriever import Candidate, fuse, standardized


def test_fusion_ranks_by_both_scores_and_breaks_ties_by_place() -> None:
    rows = [
        Candidate(1, ("b", 0, 5), 0.9, 0.0),
        Candidate(2, ("a", 7, 9), 0.1, 8.0),
        Candidate(3, ("a", 0, 5), 0.1, 8.0),
    ]
    # Cosines 0.9, 0.1, 0.1: z = sqrt(2), -sqrt(1/2) twice; BM25 0, 8, 8: the same with opposite signs.
    # At equal weights every sum is 0, so the places alone decide.
    assert [candidate.id for candidate, _ in fuse(rows)] == [3, 2, 1]
    assert [candidate.id for candidate, _ in fuse(rows, dense_weight=1.0)] == [1, 3, 2]
    assert [score for _, score in fuse(rows, dense_weight=1.0)] == pytest.approx([2**0.5, -(0.5**0.5), -(0.5**0.5)])


def test_equal_scores_standardize_to_zero() -> None:
    assert standardized(np.array([0.1 + 0.2, 0.3, 0.3])).tolist() == [0.0, 0.0, 0.0]


def test_fusion_refuses_a_weight_out_of_range() -> None:
    with pytest.raises(ValueError, match="dense_weight"):
        fuse([], dense_weight=1.5)
