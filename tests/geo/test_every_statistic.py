"""What holds for every public statistic: labels, gaps, constants, islands, defaults, threads."""

import dataclasses
import hashlib
import inspect
import os
import warnings

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from threadpoolctl import threadpool_limits

from geo import statistics
from geo.errors import FewPermutationsWarning, GeoError, StatisticsError
from geo.statistics import by_order, impacts, redraw_sets, ring_contrast

P = 199
SEEDS = ("u003", "u011", "u020")


def _rng():
    return np.random.default_rng(11)


def _other(values):
    """Return a second quantity that hangs on the first by value, so that labels carry it."""
    return np.sin(7.0 * values) + 2.0


def _flags(values):
    return values.where(values.isna(), (values > values.median()).astype(float))


def _groups(values):
    return pd.Series([str(label)[-1] in "02468z" for label in values.index], index=values.index)


def _panel(values):
    steps = {2020 + t: values * (1.0 + 0.05 * t) + 0.3 * np.sin(values * (t + 2)) for t in range(4)}
    return pd.DataFrame(steps).T


def _first_treated(values):
    years = [2022.0 if label[-3:] in {"003", "011", "020"} else np.nan for label in values.index]
    return pd.Series(years, index=values.index)


def _redraws(values):
    return redraw_sets(values.index, SEEDS, draws=P, rng=_rng())


def _run(name, *given, **options):
    function = getattr(statistics, name)
    names = inspect.signature(function).parameters
    defaults = {"permutations": P, "replicates": P, "rng": _rng()}
    chosen = {key: value for key, value in defaults.items() if key in names} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPermutationsWarning)
        return function(*given, **chosen)


def _table(v):
    return pd.DataFrame({"x": _other(v)})


LOCAL = {
    "local_moran": lambda v, g: _run("local_moran", v, g),
    "getis_ord_local": lambda v, g: _run("getis_ord_local", v, g),
    "getis_ord_local, without self": lambda v, g: _run("getis_ord_local", v, g, star=False),
    "local_geary": lambda v, g: _run("local_geary", v, g),
    "local_geary, two": lambda v, g: _run("local_geary", _table(v).assign(v=v), g),
    "local_bivariate_moran": lambda v, g: _run("local_bivariate_moran", v, _other(v), g),
    "local_bivariate_moran, turned": lambda v, g: _run("local_bivariate_moran", _other(v), v, g),
    "local_join_counts": lambda v, g: _run("local_join_counts", _flags(v), g),
}
GLOBAL = {
    "global_moran": lambda v, g: _run("global_moran", v, g),
    "geary": lambda v, g: _run("geary", v, g),
    "getis_ord_global": lambda v, g: _run("getis_ord_global", v, g),
    "join_counts": lambda v, g: _run("join_counts", _flags(v), g),
    "bivariate_moran": lambda v, g: _run("bivariate_moran", v, _other(v), g),
    "bivariate_moran, turned": lambda v, g: _run("bivariate_moran", _other(v), v, g),
}
MODELS = {
    name: lambda v, g, name=name: _run(name, v, _table(v), g)
    for name in ("fit_ols", "fit_slx", "fit_sar", "fit_sem", "fit_sdm", "fit_sdem")
} | {
    "spatial_beta_convergence": lambda v, g: _run("spatial_beta_convergence", _panel(v), g),
}
AROUND = {
    "ring_test": lambda v, g: _run("ring_test", v, g, SEEDS),
    "ring_contrast": lambda v, g: _run("ring_contrast", v, by_order(g), _redraws(v)),
    "set_moran": lambda v, g: _run("set_moran", v, g, _redraws(v)),
    "set_joins": lambda v, g: _run("set_joins", _flags(v), g, _redraws(v)),
    "spatial_markov": lambda v, g: _run("spatial_markov", _panel(v), g, classes=2),
}
SPATIAL = LOCAL | GLOBAL | MODELS | AROUND
PLAIN = {
    "gini": lambda v: _run("gini", v),
    "coefficient_of_variation": lambda v: _run("coefficient_of_variation", v),
    "theil_t": lambda v: _run("theil_t", v, groups=_groups(v)),
    "theil_l": lambda v: _run("theil_l", v, groups=_groups(v)),
    "dagum": lambda v: _run("dagum", v, _groups(v)),
    "group_contrast": lambda v: _run("group_contrast", v, _groups(v), a=True, b=False),
    "group_means": lambda v: _run("group_means", v, _groups(v)),
    "sigma_convergence": lambda v: _run("sigma_convergence", _panel(v)),
    "beta_convergence": lambda v: _run("beta_convergence", _panel(v)),
    "markov": lambda v: _run("markov", _panel(v), classes=2),
    "event_study": lambda v: _run("event_study", _panel(v), _first_treated(v)),
}
# They take no values of units, or the results of other statistics.
OTHERS = {
    "bonferroni_adjust",
    "by_distance",
    "by_order",
    "fdr_adjust",
    "fdr_reachable",
    "impacts",
    "likelihood_ratio",
    "model_table",
    "permutations_needed",
    "redraw_sets",
    "ring_order",
    "spatial_matrix",
}
# A gap is "no value here" for these; the docstrings say so, and other tests what becomes of it.
GAPS_ALLOWED = {"ring_contrast", "set_moran", "event_study"}
# Equal values are an answer for these: the fields that are zero, or None: no p below 0.9.
EQUAL_ALLOWED = {
    "gini": None,
    "coefficient_of_variation": None,
    "theil_t": ("total", "within", "between"),
    "theil_l": ("total", "within", "between"),
    "dagum": ("gini", "within", "between", "transvariation"),
    "group_contrast": ("difference", "difference_interval"),
    "group_means": None,
    "sigma_convergence": ("slope", "interval"),
    "markov": None,
    "spatial_markov": None,
    "event_study": None,
    "ring_test": None,
    "ring_contrast": None,
    "set_joins": None,
}


def _values(graph):
    return pd.Series(_rng().gamma(2.0, size=graph.n) + 0.5, index=graph.unique_ids)


@pytest.fixture(scope="module")
def graph(lattice):
    return lattice(5, 6)


@pytest.fixture(scope="module")
def values(graph):
    return _values(graph)


def _call(name, values, graph):
    return SPATIAL[name](values, graph) if name in SPATIAL else PLAIN[name](values)


def _flat(thing):
    """Bytes of everything in a result, labels and order included."""
    if dataclasses.is_dataclass(thing):
        fields = dataclasses.fields(thing)
        return b"".join(_flat(getattr(thing, field.name)) for field in fields)
    if isinstance(thing, pd.DataFrame | pd.Series):
        return thing.to_csv(float_format="%.17g").encode() + repr(thing.attrs).encode()
    if isinstance(thing, np.ndarray):
        return thing.tobytes()
    if isinstance(thing, tuple):
        return b"".join(_flat(part) for part in thing)
    return repr(thing).encode()


def test_the_lists_are_complete():
    functions = {name for name in statistics.__all__ if callable(getattr(statistics, name))}
    functions -= {name for name in functions if inspect.isclass(getattr(statistics, name))}
    listed = {name.split(",")[0] for name in (*SPATIAL, *PLAIN)}
    assert listed | OTHERS == functions
    assert not listed & OTHERS


@pytest.mark.parametrize("name", [*SPATIAL, *PLAIN])
def test_a_gap_is_refused_by_name_or_has_no_part(values, graph, name):
    gap = values.where(values.index != "u007")
    if name not in GAPS_ALLOWED:
        with pytest.raises(GeoError, match="u007") as caught:
            _call(name, gap, graph)
        assert caught.value.code.endswith((".values_missing", ".not_binary"))
        return
    whole, less = _call(name, values, graph), _call(name, gap, graph)
    assert less.n == whole.n - 1


@pytest.mark.parametrize("name", [*SPATIAL, *PLAIN])
def test_a_label_too_many_too_few_or_twice_is_named(values, graph, name):
    if name in PLAIN:
        with pytest.raises(GeoError, match="u007"):
            _call(name, pd.concat([values, values[["u007"]]]), graph)
        return
    wrong = {
        "u007": (values.drop("u007"), pd.concat([values, values[["u007"]]])),
        "stranger": (pd.concat([values, pd.Series({"stranger": 1.5})]),),
    }
    for label, cases in wrong.items():
        for case in cases:
            with pytest.raises(GeoError, match=label):
                _call(name, case, graph)


def _p_values(result):
    """Every p-value in a result."""
    found = []
    for field in dataclasses.fields(result) if dataclasses.is_dataclass(result) else ():
        thing = getattr(result, field.name)
        if field.name.startswith("p_") or field.name == "p":
            found.append(thing)
        elif isinstance(thing, pd.DataFrame):
            found.extend(_p_values(thing))
    if isinstance(result, pd.DataFrame):
        columns = [name for name in result if str(name) == "p" or str(name).startswith("p_")]
        found.extend(result[columns].to_numpy(dtype=float).ravel().tolist())
    return found


@pytest.mark.parametrize("name", [*SPATIAL, *PLAIN])
def test_a_constant_is_refused_or_never_significant(values, graph, name):
    constant = values * 0.0 + 0.1
    if name not in EQUAL_ALLOWED:
        with pytest.raises(StatisticsError) as caught:
            _call(name, constant, graph)
        assert caught.value.code in {"statistics.constant", "statistics.collinear"}
        return
    result = _call(name, constant, graph)
    if isinstance(result, float):
        assert result == pytest.approx(0.0, abs=1e-12)
    elif EQUAL_ALLOWED[name] is not None:
        for field in EQUAL_ALLOWED[name]:
            assert np.ravel(getattr(result, field)) == pytest.approx(0.0, abs=1e-9)
    else:
        assert not (np.array(_p_values(result), dtype=float) < 0.9).any()


def _with_island(graph):
    index = pd.MultiIndex.from_tuples([("z", "z")], names=["focal", "neighbor"])
    return Graph(pd.concat([graph.adjacency, pd.Series([0.0], index=index, name="weight")]))


@pytest.mark.parametrize("name", list(SPATIAL))
def test_an_island_is_never_significant_and_changes_nobody_else(values, graph, name):
    extended = pd.concat([pd.Series({"z": 40.0}), values])
    wider = _with_island(graph)
    if name in MODELS:
        with pytest.raises(GeoError, match="z"):
            _call(name, extended, wider)
        return
    result = _call(name, extended, wider)
    if name in LOCAL:
        row = result.loc["z"]
        assert row["cluster"] == row["quadrant"] == "isolate"
        numbers = ["statistic", "p", "p_fdr", "p_bonferroni"]
        assert row[numbers].isna().all()
        assert result.attrs["isolates"] == ["z"]
        if name != "local_join_counts":  # the median that makes the flags moves
            base = _call(name, values, graph)
            rest = result.drop(index="z")[numbers]
            pd.testing.assert_frame_equal(rest, base[numbers], check_exact=True, check_names=False)
    elif name in GLOBAL:
        assert result.isolates == ("z",)
        if name != "join_counts":
            base = _call(name, values, graph)
            assert (result.statistic, result.p_permutation) == (base.statistic, base.p_permutation)
    elif name == "spatial_markov":
        assert result.isolates == ("z",)
        assert sum(part.counts.to_numpy().sum() for part in result.conditional) == 3 * len(values)


@pytest.mark.parametrize("name", [*SPATIAL, *PLAIN])
def test_only_labels_matter_and_the_index_is_the_callers(values, graph, name):
    shuffled = values.sample(frac=1.0, random_state=3)
    turned = graph.subgraph(_rng().permutation(graph.unique_ids.to_numpy()))
    first, second = _call(name, values, graph), _call(name, shuffled, turned)
    if name in LOCAL:
        assert second.index.equals(shuffled.index)
        pd.testing.assert_frame_equal(first, second.loc[first.index], check_exact=True)
        return
    if name in MODELS:
        # Least squares are summed in the order of the rows.
        if name == "spatial_beta_convergence":
            first, second = first.model, second.model
        one, other = first.coefficients, second.coefficients
        pd.testing.assert_frame_equal(one, other, rtol=1e-6)
        return
    assert _flat(first) == _flat(second)


TESTS = sorted(
    name
    for name in statistics.__all__
    if inspect.isfunction(getattr(statistics, name))
    and {"permutations", "alternative"}
    & inspect.signature(getattr(statistics, name)).parameters.keys()
)


@pytest.mark.parametrize("name", TESTS)
def test_tests_are_two_sided_and_local_and_global_ones_have_99_999_permutations(name):
    parameters = inspect.signature(getattr(statistics, name)).parameters
    if "alternative" in parameters:
        assert parameters["alternative"].default == "two-sided"
    listed = {entry.split(",")[0] for entry in (*LOCAL, *GLOBAL)}
    if name in listed and name != "local_join_counts":
        assert parameters["permutations"].default == 99_999
    if "rng" in parameters:
        rng = parameters["rng"]
        assert rng.kind is inspect.Parameter.KEYWORD_ONLY
        assert rng.default is inspect.Parameter.empty or name in {"theil_t", "theil_l"}


@pytest.mark.parametrize("name", [name for name in LOCAL if name != "local_join_counts"])
def test_permutations_too_few_for_the_fdr_are_said(lattice, name):
    graph = lattice(10, 34)
    values = _values(graph)
    function, rest = name.split(",")[0], (graph,)
    given = (values, _other(values), *rest) if "bivariate" in name else (values, *rest)
    with pytest.warns(FewPermutationsWarning, match="99 .* 340 .* 13599 are needed"):
        table = getattr(statistics, function)(*given, permutations=99, rng=_rng())
    assert not table.attrs["fdr_reachable"]
    assert (table["cluster"] == "ns").all()


@pytest.mark.parametrize("name", [name for name in (*LOCAL, *GLOBAL) if "local_join" not in name])
def test_fewer_than_99_permutations_are_refused(values, graph, name):
    function = name.split(",")[0]
    given = _flags(values) if function == "join_counts" else values
    rest = (_other(values), graph) if "bivariate" in name else (graph,)
    with pytest.raises(StatisticsError) as caught:
        getattr(statistics, function)(given, *rest, permutations=98, rng=_rng())
    assert caught.value.code == "statistics.permutations"


@pytest.mark.parametrize("weights", ["equal", "unequal"])
@pytest.mark.parametrize("name", [*LOCAL, *GLOBAL, *MODELS, *AROUND])
def test_threads_change_no_byte(lattice, monkeypatch, name, weights):
    graph = lattice(18, 20, standardise=False)
    if weights == "unequal":
        graph = Graph(graph.adjacency * _rng().uniform(0.2, 2.0, len(graph.adjacency)))
    graph = graph.transform("R")
    values = _values(graph)
    found = set()
    for threads in (1, 2):
        monkeypatch.setattr(os, "cpu_count", lambda threads=threads: threads)
        with threadpool_limits(threads):
            found.add(hashlib.sha256(_flat(_call(name, values, graph))).hexdigest())
    assert len(found) == 1


def test_threads_change_no_byte_of_effects(lattice):
    graph = lattice(18, 20)
    found = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            model = MODELS["fit_sar"](_values(graph), graph)
            found.add(hashlib.sha256(_flat(impacts(model, draws=999, rng=_rng()).table)).digest())
    assert len(found) == 1


@pytest.mark.parametrize("name", list(PLAIN))
def test_threads_change_no_byte_of_many_units(name):
    # Only sums of more than ten thousand numbers are split among threads.
    labels = [f"u{number:05d}" for number in range(12_000)]
    values = pd.Series(_rng().gamma(2.0, size=12_000) + 0.5, index=labels)
    found = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.add(hashlib.sha256(_flat(PLAIN[name](values))).hexdigest())
    assert len(found) == 1


def test_rings_of_a_gap_lie_where_they_lie(values, graph):
    """A unit without a value passes steps on and enters no mean."""
    gap = values.where(values.index != "u010")
    whole = ring_contrast(values, by_order(graph), _redraws(values), rng=_rng())
    less = ring_contrast(gap, by_order(graph), _redraws(gap), rng=_rng())
    counts = whole.table["n"] - less.table["n"]
    assert counts.sum() == 1
    assert counts.loc[1] == 1  # beside the seed u011


@pytest.mark.parametrize("kind", ["days", "text", "complex", "category"])
def test_what_is_no_number_is_refused(kind, values, graph):
    days = pd.Series(pd.Timestamp("2024-01-01"), index=values.index)
    wrong = {
        "days": days.where(values < values.max()),
        "text": values.astype(str),
        "complex": values + 1j,
        "category": values.astype("category"),
    }[kind]
    with pytest.raises(GeoError, match="not numbers"):
        statistics.global_moran(wrong, graph, rng=_rng())


# The second quantity of the others hangs on the first by its value.
ALONE = sorted(name for name in LOCAL | GLOBAL if "bivariate" not in name and "two" not in name)


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("scale", [2.0**-700, 2.0**700])
def test_no_unit_of_measurement_is_too_small_or_large(name, scale, values, graph):
    one, other = SPATIAL[name](values, graph), SPATIAL[name](values * scale, graph)
    p = "p" if name in LOCAL else "p_permutation"
    first, second = (
        np.asarray(found[p] if name in LOCAL else getattr(found, p)) for found in (one, other)
    )
    assert np.isfinite(first).any()
    np.testing.assert_array_equal(first, second)
