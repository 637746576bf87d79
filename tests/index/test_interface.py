"""What filters are made of."""

import pytest

from index import InputError
from index.interface import check_date


@pytest.mark.parametrize("text", ["2020-13", "20200531", "May", "", "2020-02-30", "2020-W01-1"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="2020-05-31"):
        check_date(text)
