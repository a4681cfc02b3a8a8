"""What the scores say: the gap, the pattern in space, the hubs, the agreement with others.

Pure functions from scores, layers and reference tables to frozen results whose tables are
ready for CSV. Nothing here writes or prints.
"""
