"""What an exploration says: values, estimate and region, the likely outcome, and what the spread says of a region."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from lawbook.exploration.trial import Explored, Trial
from lawbook.prose import spelled_out
from lawbook.registry.literals import Unread
from lawbook.registry.models import Rival
from lawbook.registry.parameter_merge import dotted
from lawbook.verdicts.estimate import standard_error
from lawbook.verdicts.intervals import describe
from lawbook.verdicts.judgement import excludes, separation
from lawbook.verdicts.power import Chances, Imagined

MOST_VALUES = 64
LIKELY = 0.9


def tell_main(trial: Trial, found: Explored) -> Iterator[str]:
    """The check's own measurement, line by line."""
    check = trial.check
    yield f"{trial.name}, {trial.tier} tier: explored on {_seeds(found)}, nothing is recorded"
    yield from _params(trial, found)
    yield from _numbers(found)
    value = describe(found.rule.region)
    yield f"  accepted   {f'{check.expect} = {value}' if check.expect.names else value}"
    yield f"  would be   {found.finding.outcome}{_reason(found)}{_more_looks(found)}"
    for rival in check.rivals:
        yield f"  rival      {_rival(trial, found, rival)}"
    yield from _decision(trial, found)
    for note in (*found.notes, *found.finding.remarks):
        yield f"  note       {spelled_out(note)}"
    yield f"  took       {found.seconds:.2f} s"


def tell_control(trial: Trial, found: Explored) -> Iterator[str]:
    """A control's measurement, line by line."""
    control = found.control
    assert control is not None
    as_it_must = found.finding.outcome == control.must
    verdict = "as it must" if as_it_must else f"and must be {control.must}: it would void the check"
    yield f"{control.role} control {control.name}: {control.why}"
    yield from _params(trial, found)
    yield from _numbers(found)
    yield f"  accepted   {describe(found.rule.region)}"
    yield f"  would be   {found.finding.outcome}, {verdict}{_reason(found)}"
    for note in found.notes:
        yield f"  note       {spelled_out(note)}"
    yield f"  took       {found.seconds:.2f} s"


def _seeds(found: Explored) -> str:
    count = len(found.seeds)
    return f"{count} seed{'s' if count > 1 else ''} from {found.seeds[0]:,}"


def _params(trial: Trial, found: Explored) -> Iterator[str]:
    settings = dotted(found.params)
    if settings:
        set_here = dotted(trial.changed)
        shown = [
            f"{name} = {_written(value)}{' (set)' if name in set_here and set_here[name] == value else ''}"
            for name, value in settings.items()
        ]
        yield f"  with       {', '.join(shown)}"


def _written(value: object) -> str:
    if isinstance(value, str | Unread):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _numbers(found: Explored) -> Iterator[str]:
    flags = found.in_regime or (True,) * len(found.values)
    shown = [f"{value:.5g}" if inside else f"({value:.5g})" for value, inside in zip(found.values, flags, strict=True)]
    more = f" … and {len(shown) - MOST_VALUES} more" if len(shown) > MOST_VALUES else ""
    yield f"  values     {' '.join(shown[:MOST_VALUES])}{more}"
    if not all(flags):
        yield f"             in brackets: out of regime, {flags.count(False)} of {len(flags)} seeds"
    finding, rule = found.finding, found.rule
    if finding.estimate is None:
        return
    interval = "none" if finding.interval is None else describe(finding.interval)
    if rule.estimator == "every":
        yield f"  estimate   {finding.estimate:.5g}, each seed judged on its own: they lie in {interval}"
    else:
        spread = _spread(found)
        width = "" if spread is None else f", standard deviation over seeds {spread:.3g}"
        yield (
            f"  estimate   {finding.estimate:.5g}, interval {interval} "
            f"({rule.estimator}, {100 * rule.confidence:g} % over {_looks(found)}{width})"
        )


def _looks(found: Explored) -> str:
    return "all looks" if len(found.rule.looks) > 1 else "one look"


def _reason(found: Explored) -> str:
    finding = found.finding
    # An interval outside the region is seen from the two lines above.
    return f": {spelled_out(finding.reason)}" if finding.outcome in ("error", "out-of-regime") else ""


def _more_looks(found: Explored) -> str:
    looks = found.rule.looks
    if found.finding.outcome != "inconclusive" or len(looks) == 1:
        return ""
    return f" at the first look; `verify` would double the seeds up to {looks[-1]}"


def _rival(trial: Trial, found: Explored, rival: Rival) -> str:
    if rival.params is not None:
        return f"{rival.name}: `verify` asks the checker with its formula, once the check itself passes"
    predicted = trial.regions.predictions[rival.name]
    said = f"{predicted[0]:.6g}" if predicted[0] == predicted[1] else describe(predicted)
    if not excludes(found.finding, predicted):
        return f"{rival.name} predicts {said}: would NOT be excluded"
    away = separation(found.finding, predicted)
    by = "" if away is None else f", {away:.3g} standard errors away"
    return f"{rival.name} predicts {said}: would be excluded{by}"


def _spread(found: Explored) -> float | None:
    error = standard_error(found.judged, "mean")
    return None if error is None else error * math.sqrt(len(found.judged))


def _decision(trial: Trial, found: Explored) -> Iterator[str]:
    """What the seeds' spread says of a region, by imagined experiments under the check's own rule."""
    spread, estimate = _spread(found), found.finding.estimate
    if spread is None or estimate is None or found.finding.outcome == "error":
        return
    if spread == 0 or not math.isfinite(spread):
        yield "  region     all seeds gave the same value, so that no spread can speak of a region"
        return
    rule = found.rule
    imagined = Imagined(rule)
    seeds = f"{rule.looks[0]} seeds" + (f", doubling to {rule.looks[-1]}," if len(rule.looks) > 1 else "")
    chances = imagined.chances(estimate, spread, rule.region)
    yield (
        f"  region     with {seeds} this region would be decided with probability {chances.decides:.2f} "
        f"({_shares(chances)}), if the truth is {estimate:.5g}"
    )
    width = imagined.half_width(spread, LIKELY)
    yield (
        f"             a region of ± {width:.2g} around the truth would be decided with probability {LIKELY:g}"
        f"{_own_width(imagined, spread, rule.region)}"
    )
    yield (
        "             (imagined runs: normal values of the spread of these seeds, judged as `verify` does; "
        "a region comes from theory, not from here)"
    )


def _shares(chances: Chances) -> str:
    return f"pass {chances.passes:.2f}, fail {chances.fails:.2f}"


def _own_width(imagined: Imagined, spread: float, region: tuple[float, float]) -> str:
    """The same of a region as wide as the claim's own, where that has a width."""
    half = (region[1] - region[0]) / 2
    if not math.isfinite(half):
        return ""
    return f", one of ± {half:.2g} with {imagined.chances(0.0, spread, (-half, half)).decides:.2f}"
