"""The limits that tests of bounds put on a process: they end it, and do not touch what stays within them."""

from __future__ import annotations

from tests import limited


def test_a_derivation_stays_within_the_limits() -> None:
    found = limited.command("derive", "x.T @ A @ x", "--wrt", "x", "--where", "x in R^n; A in R^(n*n)")
    assert found.status == 0, found
    assert "Verified" in found.stdout
    assert found.fine


def test_bad_input_is_a_refusal() -> None:
    found = limited.command("derive", "x.T @", "--wrt", "x", "--where", "x in R^n")
    assert found.refused, found
    assert found.fine


def test_what_uses_the_processor_too_long_is_ended() -> None:
    found = limited.python("while True: pass", seconds=1)
    assert found.over_time, found
    assert not found.fine


def test_what_takes_too_much_memory_is_an_error_of_its_own() -> None:
    found = limited.python("bytes(1 << 31)")
    assert found.status == 1, found
    assert not found.fine
