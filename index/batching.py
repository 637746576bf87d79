"""Texts of like length together, so that little is computed for padding."""

from collections.abc import Sequence


def batch_rows(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Batches of texts of like length.

    Args:
        lengths: tokens of each text.
        budget: tokens of a batch at the most, padding included; a longer text is a batch of its own.

    Returns:
        The row numbers of each batch, short texts first; each row is in one batch.
    """
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        # Texts come by length, so this one is the longest of its batch.
        if batches and (len(batches[-1]) + 1) * lengths[row] <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches
