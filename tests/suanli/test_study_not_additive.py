"""A profile of geometric means: what cannot be split is left out, everything else is there."""

from dataclasses import replace

import pytest

from suanli.diagnostics.contribution import is_additive
from suanli.profile import load_profile, replace_spec
from suanli.publish.answers import answers
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    config = RunConfig(permutations=99, redraws=99, out=tmp_path_factory.mktemp("out"))
    inputs = load_inputs(config)
    spec = replace_spec(inputs.specs[0], method={"aggregate": "geometric", "lower": 1.0})
    changed = replace(inputs, specs=(spec, *inputs.specs[1:]))
    return study_of(changed, config, stages=("scores", "gap"))


def test_only_a_weighted_sum_is_additive():
    spec = load_profile("caict2024-province")
    geometric = replace_spec(spec, method={"aggregate": "geometric", "lower": 1.0})
    assert (is_additive(spec), is_additive(geometric)) == (True, False)


def test_the_gap_is_told_without_contributions(study):
    assert study.contributions.empty
    tables = answers(study, "gap")
    assert "gap_contributions" not in tables
    assert len(tables["gap_years"]) > 0
