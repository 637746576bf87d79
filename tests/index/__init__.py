"""Tests of the index."""

import pytest

# The contract is no test module by its name, but its asserts should tell as much as those of one.
pytest.register_assert_rewrite("tests.index.contract")
