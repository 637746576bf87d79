"""What is dropped between the layers while training."""

import pytest
import torch

from qa.training.encoder import dropped


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_that_share_of_the_numbers_is_dropped_and_the_others_make_up_for_it(share: float) -> None:
    torch.manual_seed(3)
    x = torch.full((401, 503), 2.0, requires_grad=True)
    given = dropped(x, share)
    told = round(share * 256) / 256
    zeros = float((given == 0).float().mean())
    # Four standard deviations of a share of so many numbers.
    assert zeros == pytest.approx(told, abs=4 * (told * (1 - told) / x.numel()) ** 0.5)
    assert given[given != 0].unique().tolist() == pytest.approx([2 / (1 - told)])
    given.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, given.detach() / 2)


def test_what_is_dropped_follows_from_the_seed_and_is_another_each_time() -> None:
    x = torch.ones(7, 33)
    torch.manual_seed(5)
    first, second = dropped(x, 0.5), dropped(x, 0.5)
    torch.manual_seed(5)
    assert torch.equal(first, dropped(x, 0.5))
    assert not torch.equal(first, second)


def test_without_dropout_nothing_is_drawn() -> None:
    x = torch.ones(3, 4)
    before = torch.get_rng_state()
    assert dropped(x, 0.0) is x
    assert torch.equal(before, torch.get_rng_state())


def test_half_precision_stays_half_precision() -> None:
    assert dropped(torch.ones(5, 5, dtype=torch.bfloat16), 0.2).dtype == torch.bfloat16
