"""What stands behind a score: contributions, correlations, strengths, comparisons."""
