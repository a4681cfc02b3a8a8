"""Spatial statistics that align by label and draw only from an explicit generator."""
