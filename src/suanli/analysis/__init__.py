"""What the scores say: the gap, hubs, spatial pattern, agreement with published lists."""
