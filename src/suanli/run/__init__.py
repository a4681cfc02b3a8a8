"""A run: read the inputs, conduct the study, publish, record."""

from suanli.run.checking import CheckReport, check_inputs
from suanli.run.config import RunConfig, load_config
from suanli.run.diagnosing import (
    Explanation,
    Request,
    compare_scores,
    diagnose_index,
    explain_unit,
)
from suanli.run.diagnosis import Finding, diagnose
from suanli.run.listing import listing
from suanli.run.mapping import MapRequest, draw_figure
from suanli.run.modelling import ModelRequest, model_outcome, model_request
from suanli.run.parts import Answer, analysis_tables, node_gap, score_units
from suanli.run.project import start_project
from suanli.run.spatial import describe_weights, pattern_under
from suanli.run.summary import summary_lines, summary_record
from suanli.run.template import write_template
from suanli.run.tracing import trace_unit
from suanli.run.whole import STEPS, RunResult, publish_part, run_all

__all__ = [
    "STEPS",
    "Answer",
    "CheckReport",
    "Explanation",
    "Finding",
    "MapRequest",
    "ModelRequest",
    "Request",
    "RunConfig",
    "RunResult",
    "analysis_tables",
    "check_inputs",
    "compare_scores",
    "describe_weights",
    "diagnose",
    "diagnose_index",
    "draw_figure",
    "explain_unit",
    "listing",
    "load_config",
    "model_outcome",
    "model_request",
    "node_gap",
    "pattern_under",
    "publish_part",
    "run_all",
    "score_units",
    "start_project",
    "summary_lines",
    "summary_record",
    "trace_unit",
    "write_template",
]
