"""The evaluation: derive, impute, treat, normalise, weight, aggregate, rank."""
