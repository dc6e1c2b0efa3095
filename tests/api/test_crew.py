"""Threads that are waited for, unless somebody is in a hurry."""

import threading

import pytest

from importer.api import Crew


def test_what_is_asked_for_comes_in_order():
    with Crew(3) as crew:
        assert list(crew.map(lambda n: n * n, range(50))) == [n * n for n in range(50)]


def test_it_does_not_run_far_ahead():
    asked = []
    with Crew(2) as crew:
        results = crew.map(lambda n: n, (asked.append(n) or n for n in range(100)))
        next(results)
        assert len(asked) == 4


def test_an_error_is_its_askers():
    with Crew(1) as crew:
        failing, fine = crew.submit(lambda: 1 // 0), crew.submit(lambda: 1)
        with pytest.raises(ZeroDivisionError):
            failing.result()
        assert fine.result() == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_is_under_way_is_waited_for_unless_in_a_hurry(error):
    begun, go_on, done = threading.Event(), threading.Event(), []

    def work(number):
        begun.set()
        go_on.wait(10)
        done.append(number)

    timer = threading.Timer(0.2, go_on.set)

    def leave():
        with Crew(1) as crew:
            crew.submit(work, 1)
            crew.submit(work, 2)
            begun.wait(10)
            timer.start()
            raise error

    with pytest.raises(error):
        leave()
    assert done == ([1] if error is ValueError else [])
    go_on.set()
    timer.join()
