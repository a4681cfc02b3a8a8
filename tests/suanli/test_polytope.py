"""Admissible weights: the closed form against a solver, and bounds that cannot be met."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from suanli.errors import InputError
from suanli.evaluation.weight import weigh
from suanli.profile import inference_spec, load_profile, parse_profile, replace_spec
from suanli.profile.uncertainty import Uncertainty
from suanli.robustness.linear import share_ranges
from suanli.robustness.polytope import weight_polytope
from suanli.text import LANGUAGES, Text


@pytest.fixture(scope="module")
def spec():
    return load_profile("caict2024-province")


@pytest.fixture(scope="module")
def weights(spec):
    return weigh(spec)


def by_solver(tree, objective, sign):
    """The same extreme by scipy's linear programming over the rows of the polytope."""
    matrix, low, high = tree.inequalities()
    cost = objective.reindex(tree.parents.index).fillna(0.0).to_numpy()
    equal = low == high
    done = optimize.linprog(
        -sign * cost,
        A_eq=matrix[equal],
        b_eq=low[equal],
        A_ub=-matrix[~equal],
        b_ub=-low[~equal],
        bounds=(0, 1),
    )
    assert done.success
    return sign * -done.fun


@pytest.mark.parametrize("bounds", [0.0, 0.1, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("largest", [True, False])
def test_closed_form_is_the_linear_programme(spec, weights, bounds, largest):
    tree = weight_polytope(spec, weights, bounds=bounds)
    rng = np.random.default_rng(int(bounds * 10))
    objectives = pd.DataFrame(rng.normal(size=(12, len(tree.leaves))), columns=tree.leaves)
    values, local = tree.extremes(objectives, largest=largest)
    sign = 1.0 if largest else -1.0
    for row in objectives.index:
        solved = by_solver(tree, objectives.loc[row], sign)
        assert values[row] == pytest.approx(solved, abs=1e-9)
        # The weights returned are admissible and attain the value.
        overall = tree.overall(local.loc[row])
        assert overall[tree.leaves] @ objectives.loc[row] == pytest.approx(values[row], abs=1e-9)
        assert (local.loc[row] >= tree.lower - 1e-12).all()
        assert (local.loc[row] <= tree.upper + 1e-12).all()
        sums = local.loc[row].groupby(tree.parents).sum()
        assert np.allclose(sums, 1.0)


def test_columns_are_found_by_label(spec, weights):
    tree = weight_polytope(spec, weights)
    frame = pd.DataFrame([np.arange(len(tree.leaves), dtype=float)], columns=tree.leaves)
    assert tree.extremes(frame[frame.columns[::-1]])[0][0] == tree.extremes(frame)[0][0]
    part = frame.drop(columns="rd_intensity")
    assert tree.extremes(part)[0][0] == tree.extremes(frame.assign(rd_intensity=0.0))[0][0]


def test_an_inner_node_has_its_own_polytope(spec, weights):
    tree = weight_polytope(spec, weights, node="storage")
    assert tree.inner() == ["storage", "storage_scale", "storage_performance"]
    assert tree.overall(tree.base)[tree.leaves].sum() == pytest.approx(1.0)
    assert len(tree.leaves) == 6


def test_nearly_admissible_weights_are_mended(spec, weights):
    tree = weight_polytope(spec, weights, bounds=0.3)
    overall = tree.overall(tree.upper) + 1e-7
    local = tree.local(overall)
    assert np.allclose(local.groupby(tree.parents).sum(), 1.0, atol=1e-12)
    assert (local <= tree.upper + 1e-15).all()
    assert (local >= tree.lower - 1e-15).all()
    exact = tree.local(tree.overall(tree.base))
    assert np.allclose(exact, tree.base)


def test_bounds_of_single_nodes_come_from_profile_or_argument(spec, weights):
    limited = replace_spec(spec, uncertainty={"bounds": 0.2, "limits": {"compute": (0.35, 0.38)}})
    tree = weight_polytope(limited, weights)
    assert (tree.lower["compute"], tree.upper["compute"]) == (0.35, 0.38)
    assert tree.lower["storage"] == pytest.approx(0.16)
    # A share given at the call replaces the profile's share, not its limits of single nodes; a
    # mapping stands for those it names.
    share = weight_polytope(limited, weights, bounds=0.5)
    assert (share.lower["compute"], share.lower["storage"]) == (0.35, pytest.approx(0.1))
    named = weight_polytope(limited, weights, bounds={"compute": (0.2, 0.6)})
    assert (named.lower["compute"], named.lower["storage"]) == (0.2, pytest.approx(0.16))
    one = weight_polytope(spec, weights, bounds={"hub_policy": (0.0, 1.0)})
    assert (one.lower["hub_policy"], one.upper["hub_policy"]) == (0.0, 1.0)
    assert one.lower["compute"] == pytest.approx(0.28)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("bounds", "code", "words"),
    [
        (1.5, "bounds_share", ["1.5"]),
        (-0.1, "bounds_share", ["-0.1"]),
        ({"comput": (0.1, 0.2)}, "bounds_unknown", ["comput", "compute"]),
        ({"compute": (0.5, 0.2)}, "bounds_order", ["compute", "0.5", "0.2"]),
        ({"compute": (-0.5, 0.2)}, "bounds_order", ["-0.5"]),
        (
            dict.fromkeys(("resource", "market"), (0.6, 0.7)),
            "bounds_too_high",
            ["environment", "resource, market", "1.2"],
        ),
        (
            dict.fromkeys(("resource", "market"), (0.1, 0.2)),
            "bounds_too_low",
            ["environment", "0.4"],
        ),
    ],
)
def test_bounds_that_cannot_be_met_are_named(spec, weights, bounds, code, words, lang):
    with pytest.raises(InputError) as caught:
        weight_polytope(spec, weights, bounds=bounds)
    (problem,) = caught.value.problems
    assert problem.code == f"levers.{code}"
    sentence = Text(lang)(problem.code, **problem.params)
    assert all(word in sentence for word in words), sentence


def test_all_infeasible_nodes_are_reported(spec, weights):
    names = [*spec.children("index"), *spec.children("market")]
    with pytest.raises(InputError) as caught:
        weight_polytope(spec, weights, bounds=dict.fromkeys(names, (0.9, 1.0)))
    assert {p.params["node"] for p in caught.value.problems} == {"index", "market"}


def test_node_share_and_limits_are_refused_together(spec, weights):
    limited = spec.model_copy(
        update={"uncertainty": Uncertainty(limits={"comput": (0.1, 0.2), "storage": (0.3, 0.2)})}
    )
    with pytest.raises(InputError) as caught:
        weight_polytope(limited, weights, bounds=2.0, node="storag")
    assert {p.code for p in caught.value.problems} == {
        "levers.node_unknown",
        "levers.bounds_share",
        "levers.bounds_unknown",
        "levers.bounds_order",
    }


def test_weights_outside_their_limits_are_brought_inside(spec, weights):
    """What is attained must be attained by admissible weights, not by the profile's own."""
    limited = replace_spec(spec, uncertainty={"limits": {"compute": (0.5, 0.6)}})
    tree = weight_polytope(limited, weights)
    near = tree.nearest
    assert near["compute"] == pytest.approx(0.5)
    assert (near >= tree.lower - 1e-9).all()
    assert (near <= tree.upper + 1e-9).all()
    assert np.allclose(near.groupby(tree.parents).sum(), 1.0)
    inside = weight_polytope(spec, weights)
    assert inside.nearest is inside.base


@pytest.mark.parametrize("lang", LANGUAGES)
def test_limits_are_checked_when_a_profile_is_read(lang):
    """Nodes that are not there, ranges out of order, sums that cannot be 1: all at once."""
    source = (files("suanli") / "profiles" / "caict2024-province.toml").read_bytes()
    limits = b"""
[uncertainty.limits]
comput = [0.3, 0.4]
"\xe5\xad\x98\xe5\x8a\x9b" = [0.1, 0.2]
rd_intensity = [0.6, 0.4]
resource = [0.7, 0.8]
market = [0.5, 0.6]

[[uncertainty.choice]]"""
    broken = source.replace(b"\n[[uncertainty.choice]]", limits, 1)
    broken = broken.replace(b'normalise = "minmax"\nscope', b'normalise = "scaled"\nscope')
    with pytest.raises(InputError) as caught:
        parse_profile(broken, file="mine.toml")
    problems = [p for p in caught.value.problems if p.code.startswith("profile.limit")]
    assert [p.code for p in problems] == [
        "profile.limit_unknown",
        "profile.limit_unknown",
        "profile.limit_order",
        "profile.limits_high",
    ]
    # Other rules were looked at too.
    assert any(p.code == "profile.goalposts_missing" for p in caught.value.problems)
    said = [Text(lang)(p.code, **p.params) for p in problems]
    assert all("mine.toml" in sentence for sentence in said)
    words = ("comput", "存力", "rd_intensity", "environment")
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


def test_limits_survive_where_siblings_do(spec):
    limited = replace_spec(
        spec, uncertainty={"limits": {"compute": (0.3, 0.5), "temperature": (0.2, 0.3)}}
    )
    assert set(inference_spec(limited).uncertainty.limits) == {"compute"}


def test_a_leaf_or_stranger_has_no_polytope(spec, weights):
    for name in ("rd_intensity", "storag"):
        with pytest.raises(InputError, match="node_unknown"):
            weight_polytope(spec, weights, node=name)


def test_shares_among_present_siblings_are_as_wide_as_sampling_finds():
    rng = np.random.default_rng(5)
    for _ in range(20):
        size = int(rng.integers(2, 6))
        base = rng.dirichlet(np.ones(size))
        lower, upper = base * 0.6, np.minimum(base * 1.5, 1.0)
        present = rng.random(size) < 0.6
        present[int(rng.integers(size))] = True
        low, high = share_ranges(lower, upper, present)
        # Every vertex of box and simplex has all but one weight at a bound.
        vertices = []
        for free in range(size):
            for pattern in range(2 ** (size - 1)):
                bits = [(pattern >> k) & 1 for k in range(size - 1)]
                rest = [k for k in range(size) if k != free]
                point = np.zeros(size)
                point[rest] = [upper[k] if b else lower[k] for k, b in zip(rest, bits, strict=True)]
                point[free] = 1.0 - point.sum()
                if lower[free] - 1e-12 <= point[free] <= upper[free] + 1e-12:
                    vertices.append(point)
        shares = np.array([v[present] / v[present].sum() for v in vertices])
        # A quotient of linear functions takes its extremes at vertices.
        assert np.allclose(shares.min(axis=0), low, atol=1e-9)
        assert np.allclose(shares.max(axis=0), high, atol=1e-9)
