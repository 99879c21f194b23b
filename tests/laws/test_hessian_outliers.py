"""Leading eigenvectors lie among the class means, as many as classes less one."""

from __future__ import annotations

from checkers.laws.hessian_outliers import overlap_with_class_means
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
GIVEN = {"steps": 60, "examples": 200, "hidden": (16,)}


def test_class_means_span_what_means_of_mixed_groups_do_not() -> None:
    classes = overlap_with_class_means(TRIALS, **GIVEN)
    mixed = overlap_with_class_means(TRIALS, **GIVEN, shuffled=True)
    assert classes.in_regime == (True, True, True)
    assert min(classes.values) > 0.5
    assert max(mixed.values) < min(classes.values) - 0.1


def test_the_first_eigenvector_is_in_the_span_and_the_one_after_the_last_is_not() -> None:
    first = overlap_with_class_means(TRIALS, **GIVEN, count=1)
    after = overlap_with_class_means(TRIALS, **GIVEN, of="next")
    assert min(first.values) > 0.6
    assert max(after.values) < 0.4


def test_an_untrained_network_is_out_of_regime() -> None:
    given = {**GIVEN, "steps": 1, "step_size": 1e-6}
    assert overlap_with_class_means(TRIALS, **given).in_regime == (False, False, False)
