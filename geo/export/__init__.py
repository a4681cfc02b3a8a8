"""Files for other geographic programs."""
